using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Enrollments;

/// <summary>DELETE /campaigns/{id}/leads/{leadId}: the campaign writes to it no more. Once it is launched, what it was sent stays on record.</summary>
internal static class RemoveCampaignLead
{
    internal sealed record Request(Guid Id, Guid LeadId);

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/campaigns/{id}/leads/{leadId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (await db.Enrollments.SingleOrDefaultAsync(row => row.CampaignId == campaign.Id && row.LeadId == request.LeadId, ct) is not { } enrollment)
            {
                return Problems.NotFound("Lead");
            }

            if (Refuse(campaign, enrollment, clock.GetUtcNow()) is { } refusal)
            {
                return refusal;
            }

            if (campaign.MayBeEdited)
            {
                db.Enrollments.Remove(enrollment);
            }
            else
            {
                enrollment.Exit(ExitReason.Removed);
                // Whoever was sending to it is gone.
                await db.Messages
                    .Where(row => row.CampaignLeadId == enrollment.Id && row.Kind == MessageKind.Campaign && row.Status == MessageStatus.Sending)
                    .ExecuteUpdateAsync(row => row.SetProperty(message => message.Status, MessageStatus.InDoubt), ct);
                campaign.LookAgain(clock.GetUtcNow());
            }

            // Fails where a sender has taken it meanwhile.
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }

        private static ProblemHttpResult? Refuse(Campaign campaign, Enrollment enrollment, DateTimeOffset now) => (campaign, enrollment) switch
        {
            ({ Status: CampaignStatus.Completed }, _) => Problems.Conflict("The campaign is completed: it can only be read and cloned."),
            (_, { Status: EnrollmentStatus.Completed or EnrollmentStatus.Exited }) => Problems.Conflict("The lead is through already."),
            _ when enrollment.LeaseUntil > now => Problems.Conflict("A message to the lead is being sent just now: try again in a moment."),
            _ => null,
        };
    }
}
