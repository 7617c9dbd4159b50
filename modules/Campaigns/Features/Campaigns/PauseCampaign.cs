using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/pause: nothing more is begun; what is on its way is finished.</summary>
internal static class PauseCampaign
{
    /// <param name="Reason">Shown with the campaign.</param>
    internal sealed record Request(Guid Id, string? Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).MaximumLength(500);
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<CampaignState>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/pause");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<CampaignState>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.Pause(string.IsNullOrWhiteSpace(request.Reason) ? "Paused by a member." : request.Reason.Trim()))
            {
                return Problems.Conflict($"Only a campaign that is sending can be paused: this one is {campaign.StateInWords}.");
            }

            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(CampaignState.Of(campaign));
        }
    }
}
