using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>GET /campaigns/{id}: one campaign, its steps and how far its leads have come.</summary>
internal static class GetCampaign
{
    internal sealed record Request(Guid Id);

    internal sealed record Step(
        Guid Id, int StepOrder, StepType StepType, Guid? EmailAccountId, Guid? TemplateId, string? SubjectOverride,
        int? WaitDurationHours, DateTimeOffset? WaitUntilDate, bool IsActive, int ExecutedCount);

    /// <param name="Leads">Enrollments by status.</param>
    /// <param name="Messages">Messages by status.</param>
    internal sealed record Progress(Dictionary<string, int> Leads, Dictionary<string, int> Messages);

    internal sealed record Response(
        Guid Id, Guid CompanyId, string Name, string? Description, CampaignStatus Status, string? PauseReason,
        DateTimeOffset? Started, DateTimeOffset? Completed, IReadOnlyList<Step> Steps, Progress Progress);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.SingleOrDefaultAsync(campaign => campaign.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            var steps = await db.Steps.Where(step => step.CampaignId == campaign.Id).OrderBy(step => step.StepOrder)
                .Select(step => new Step(step.Id, step.StepOrder, step.StepType, step.EmailAccountId, step.TemplateId, step.SubjectOverride,
                    step.WaitDurationHours, step.WaitUntilDate, step.IsActive, step.ExecutedCount))
                .ToListAsync(ct);
            return TypedResults.Ok(new Response(
                campaign.Id, campaign.CompanyId, campaign.Name, campaign.Description, campaign.Status, campaign.PauseReason,
                campaign.Started, campaign.Completed, steps, await ProgressAsync(campaign.Id, ct)));
        }

        private async Task<Progress> ProgressAsync(Guid campaignId, CancellationToken ct)
        {
            var leads = await db.Enrollments.Where(enrollment => enrollment.CampaignId == campaignId)
                .GroupBy(enrollment => enrollment.Status)
                .Select(group => new { group.Key, Count = group.Count() })
                .ToListAsync(ct);
            var messages = await db.Messages.Where(message => message.CampaignId == campaignId)
                .GroupBy(message => message.Status)
                .Select(group => new { group.Key, Count = group.Count() })
                .ToListAsync(ct);
            return new Progress(
                leads.ToDictionary(row => SnakeCase.Of(row.Key), row => row.Count),
                messages.ToDictionary(row => SnakeCase.Of(row.Key), row => row.Count));
        }
    }
}
