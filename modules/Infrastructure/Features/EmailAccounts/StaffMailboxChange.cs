using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>What suspending and restoring a tenant's mailbox have in common: the tenant is told, and the audit log keeps why.</summary>
internal sealed class StaffMailboxChange(PlatformDb<InfrastructureDb> platform, ISender modules)
{
    public async Task<Results<NoContent, ProblemHttpResult>> ApplyAsync(
        Guid id, string action, string reason, Func<EmailAccount, bool> change, CancellationToken ct)
    {
        await using var db = platform.Open("staff.email-accounts");
        if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == id, ct) is not { } account)
        {
            return Problems.NotFound("Mailbox");
        }

        var before = account.Status;
        if (!change(account))
        {
            return Problems.Conflict($"The mailbox is {SnakeCase.Of(before)}.");
        }

        await db.SaveChangesAsync(ct);
        await TellAsync(account, action, reason);
        return TypedResults.NoContent();
    }

    private async Task TellAsync(EmailAccount account, string action, string reason)
    {
        var isSuspended = account.Status == EmailAccountStatus.Suspended;
        await modules.Send(
            new RecordAudit($"email_accounts.{action}", "email_account", account.Id.ToString()) { TenantId = account.TenantId, Reason = reason },
            CancellationToken.None);
        await modules.Send(
            new RaiseNotification(
                "mailbox", isSuspended ? "Mailbox suspended" : "Mailbox restored",
                $"{account.Email} was {(isSuspended ? "suspended" : "restored")} by PenguinMails: {reason}",
                isSuspended ? "high" : "info", $"mailbox:{account.Id}:{action}", account.TenantId),
            CancellationToken.None);
    }
}
