using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

internal sealed class GetOwnAddressHandler(TenancyDb db, TenantScope scope) : IRequestHandler<GetOwnAddress, string?>
{
    public Task<string?> Handle(GetOwnAddress request, CancellationToken ct) => db.Users
        .Where(user => user.Id == scope.UserId && user.EmailVerified != null)
        .Select(user => user.Email!.ToLower())
        .SingleOrDefaultAsync(ct);
}
