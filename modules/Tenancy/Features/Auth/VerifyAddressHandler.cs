using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

internal sealed class VerifyAddressHandler(TenancyDb db, AccountManager accounts, TimeProvider clock) : IRequestHandler<VerifyAddress, bool>
{
    public async Task<bool> Handle(VerifyAddress request, CancellationToken ct)
    {
        if (await accounts.FindAsync(request.Email, ct) is not { } userId)
        {
            return false;
        }

        await accounts.EnterAsync(userId, ct);
        var now = clock.GetUtcNow();
        await db.Users.Where(user => user.Id == userId && user.EmailVerified == null)
            .ExecuteUpdateAsync(row => row.SetProperty(user => user.EmailVerified, now), ct);
        return true;
    }
}
