using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns/{id}/launch: starts sending, or says everything that is still missing.</summary>
internal static class LaunchCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed record Response(Guid Id, CampaignStatus Status, int Leads);

    internal sealed class Endpoint(CampaignsDb db, LaunchCheck check, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/launch");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.MayBeEdited)
            {
                return Problems.Conflict("The campaign has been launched already.");
            }

            var missing = await check.MissingAsync(campaign, ct);
            if (missing.Count > 0)
            {
                return Problems.Unprocessable(missing);
            }

            var now = clock.GetUtcNow();
            campaign.Launch(now);
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            await db.SaveChangesAsync(ct);
            var leads = await db.Enrollments.Where(row => row.CampaignId == campaign.Id && row.Status == EnrollmentStatus.Pending)
                .ExecuteUpdateAsync(row => row.SetProperty(enrollment => enrollment.NextRun, now), ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(new Response(campaign.Id, campaign.Status, leads));
        }
    }
}
