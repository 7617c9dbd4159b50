using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/schedule: it begins by itself then, if nothing is missing now nor then.</summary>
internal static class ScheduleCampaign
{
    private const int MostDays = 365;

    /// <param name="At">In the future, within a year.</param>
    internal sealed record Request(Guid Id, DateTimeOffset? At);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.At).NotNull();
    }

    internal sealed class Endpoint(CampaignsDb db, LaunchCheck check, TimeProvider clock)
        : Endpoint<Request, Results<Ok<CampaignState>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/schedule");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<CampaignState>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            var (at, now) = (request.At!.Value, clock.GetUtcNow());
            if (campaign.MayBeEdited && (at <= now || at > now.AddDays(MostDays)))
            {
                return Problems.Unprocessable("at", "'at' is a time in the future, within a year.");
            }

            if (campaign.MayBeEdited && await check.MissingAsync(campaign, ct) is { } missing)
            {
                return missing.ToProblem();
            }

            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } held || !held.Schedule(at.ToUniversalTime()))
            {
                return Problems.Conflict($"Only a draft or a scheduled campaign can be scheduled: this one is {campaign.StateInWords}.");
            }

            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(CampaignState.Of(held));
        }
    }
}
