using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>POST /email-accounts/{id}/resume: a paused mailbox sends again, unless what paused it still holds.</summary>
internal static class ResumeEmailAccount
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts/{id}/resume");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            if (account.Status != EmailAccountStatus.Paused)
            {
                return Problems.Conflict(Refusal(account.Status));
            }

            var now = clock.GetUtcNow();
            if (account.BrakeAt(await db.WarmupDays.LastOf(account.Id, MailboxBrakes.Days, now).ToListAsync(ct), now) is { } brake)
            {
                return Problems.Conflict($"{brake.Reason} It can be resumed once that is past, {MailboxBrakes.Days} days later at most.");
            }

            account.Resume();
            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(EmailAccountResponse.Of(account, now));
        }

        private static string Refusal(EmailAccountStatus status) => status switch
        {
            EmailAccountStatus.Suspended => "The mailbox was suspended by PenguinMails: only its staff can restore it. Write to them.",
            EmailAccountStatus.Disabled => "The mailbox is being deleted: repeat the deletion.",
            _ => "The mailbox is active already.",
        };
    }
}
