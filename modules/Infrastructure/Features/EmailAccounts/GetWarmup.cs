using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>GET /email-accounts/{id}/warmup: how far a mailbox's warmup is, what it may send in the coming 28 days, and what it did in the last.</summary>
internal static class GetWarmup
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(InfrastructureDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<WarmupResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/email-accounts/{id}/warmup");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<WarmupResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.AsNoTracking().SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            var now = clock.GetUtcNow();
            var days = await db.WarmupDays.LastOf(account.Id, EmailAccount.WarmupDays, now).AsNoTracking().OrderBy(day => day.Day).ToListAsync(ct);
            return TypedResults.Ok(WarmupResponse.Of(account, days, now));
        }
    }
}
