using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Features;

internal sealed class GetMailboxLimitsHandler(InfrastructureDb db, TimeProvider clock) : IRequestHandler<GetMailboxLimits, IReadOnlyList<MailboxLimit>>
{
    public async Task<IReadOnlyList<MailboxLimit>> Handle(GetMailboxLimits request, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var accounts = await db.EmailAccounts.AsNoTracking().Where(account => request.Ids.Contains(account.Id)).ToListAsync(ct);
        return [.. accounts.Select(account => new MailboxLimit(account.Id, account.CapAt(now), account.SentOn(DateOnly.FromDateTime(now.UtcDateTime))))];
    }
}
