using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>Keeps a new mailbox where the plan has room for it, and makes it at Mailu before.</summary>
internal sealed class NewMailbox(InfrastructureDb db, MailboxPlaces places, SecretStore secrets, MailuClient mailu, TimeProvider clock)
{
    /// <returns>Null when it is kept.</returns>
    public async Task<ProblemHttpResult?> AddAsync(
        EmailAccount account, string domain, CreateEmailAccount.Request request, HttpContext http, CancellationToken ct)
    {
        var allowance = await places.AllowanceAsync(ct);
        await using var transaction = await TenantTransaction.BeginAsync(db, ct);
        await places.LockAsync(ct);
        if (await RefuseAsync(account, request.Warmup, allowance, ct) is { } problem)
        {
            return problem;
        }

        if (request.Warmup)
        {
            account.Warm(clock.GetUtcNow());
        }

        // What Mailu has made and we then lose is found there, and taken over, when it is asked for again.
        var password = MailuClient.NewPassword();
        if (request.IsOfPlatform && await mailu.MakeAsync(account, domain, password, ct) is { } fault)
        {
            return fault.ToProblem(http);
        }

        await SetServersAsync(account, request, password, ct);
        db.EmailAccounts.Add(account);
        if (await db.SaveUniqueAsync(ct) is not null)
        {
            return Taken(account);
        }

        await transaction.CommitAsync(ct);
        return null;
    }

    private async Task<ProblemHttpResult?> RefuseAsync(EmailAccount account, bool warmup, MailboxAllowance allowance, CancellationToken ct)
    {
        if (await db.EmailAccounts.AnyAsync(other => other.Email == account.Email, ct))
        {
            return Taken(account);
        }

        return (await places.RefuseMailboxAsync(allowance, ct))?.ToProblem("email")
            ?? (warmup ? (await places.RefuseWarmupAsync(allowance, ct))?.ToProblem("warmup") : null);
    }

    private async Task SetServersAsync(EmailAccount account, CreateEmailAccount.Request request, string password, CancellationToken ct)
    {
        if (request.IsOfPlatform)
        {
            await secrets.SetSmtpAsync(account, mailu.Smtp(account.Email), password, ct);
            await secrets.SetImapAsync(account, mailu.Imap(account.Email), null, ct);
            return;
        }

        await secrets.SetSmtpAsync(account, request.Smtp?.Settings, request.Smtp?.Password, ct);
        await secrets.SetImapAsync(account, request.Imap?.SettingsFor(request.Smtp?.Username, account.Email), request.Imap?.Password, ct);
    }

    private static ProblemHttpResult Taken(EmailAccount account) => Problems.Conflict($"The mailbox {account.Email} is on the platform already.");
}
