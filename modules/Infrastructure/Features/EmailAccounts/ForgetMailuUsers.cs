using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>A purged tenant's mailboxes go from the platform's mail server too, with their mail.</summary>
internal sealed class ForgetMailuUsers(InfrastructureDb db, MailuClient mailu) : INotificationHandler<TenantPurging>
{
    public async Task Handle(TenantPurging purging, CancellationToken ct)
    {
        if (!mailu.IsConfigured)
        {
            return;
        }

        foreach (var account in await db.EmailAccounts.Where(account => account.Provider == EmailAccount.PlatformServer).ToListAsync(ct))
        {
            if (await mailu.RemoveAsync(account, ct) is { } fault)
            {
                // The purge is repeated, and begins with this.
                throw new InvalidOperationException($"A mailbox of tenant {purging.TenantId} is still at Mailu: {fault.Title}");
            }
        }
    }
}
