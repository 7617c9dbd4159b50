using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>PUT /email-accounts/{id}/warmup: starts a mailbox's warmup or lets it go on (warming), pauses it (paused) or stops it (none).</summary>
internal static class SetWarmup
{
    /// <param name="Status">warming, paused or none.</param>
    internal sealed record Request(Guid Id, string Status);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Status).Must(status => status is "warming" or "paused" or "none")
            .WithMessage("'status' must be warming, paused or none.");
    }

    internal sealed class Endpoint(InfrastructureDb db, MailboxPlaces places, TimeProvider clock)
        : Endpoint<Request, Results<Ok<WarmupResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/email-accounts/{id}/warmup");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<WarmupResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var allowance = await places.AllowanceAsync(ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await places.LockAsync(ct);
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            var now = clock.GetUtcNow();
            if (await ChangeAsync(account, SnakeCase.Parse<WarmupStatus>(request.Status), allowance, now, ct) is { } problem)
            {
                return problem;
            }

            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            var days = await db.WarmupDays.LastOf(account.Id, EmailAccount.WarmupDays, now).AsNoTracking().OrderBy(day => day.Day).ToListAsync(ct);
            return TypedResults.Ok(WarmupResponse.Of(account, days, now));
        }

        private async Task<ProblemHttpResult?> ChangeAsync(
            EmailAccount account, WarmupStatus status, MailboxAllowance allowance, DateTimeOffset now, CancellationToken ct)
        {
            switch (status)
            {
                case WarmupStatus.Warming:
                    return await WarmAsync(account, allowance, now, ct);
                case WarmupStatus.Paused:
                    return account.PauseWarmup(now) ? null : Problems.Conflict("No warmup runs that could be paused.");
                default:
                    account.StopWarmup();
                    return null;
            }
        }

        private async Task<ProblemHttpResult?> WarmAsync(EmailAccount account, MailboxAllowance allowance, DateTimeOffset now, CancellationToken ct)
        {
            if (!account.IsInWarmup && await places.RefuseWarmupAsync(allowance, ct) is { } refusal)
            {
                return refusal.ToProblem("status");
            }

            if (account.IsTooIllToWarm)
            {
                return Problems.Conflict(
                    $"The mailbox's health is {account.Health:0}: it can warm up once the days that made it so are past, seven at most.");
            }

            account.Warm(now);
            return null;
        }
    }
}
