using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Enrollments;

/// <summary>GET /campaigns/{id}/leads: how far each of its leads has come; the newest leads first.</summary>
internal static class ListCampaignLeads
{
    internal sealed record Request : IPageRequest
    {
        public Guid Id { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>pending, active, paused, completed or exited.</summary>
        [QueryParam]
        public string? Status { get; init; }
    }

    /// <param name="CurrentStep">The order from which its next active step is taken.</param>
    /// <param name="EmailAccountId">The mailbox that its messages leave from.</param>
    /// <param name="LastError">Why it waits, in_doubt for example.</param>
    internal sealed record Item(
        Guid LeadId, string Email, string? Name, EnrollmentStatus Status, ExitReason? ExitReason, int CurrentStep, DateTimeOffset? NextRun,
        Guid? EmailAccountId, DateTimeOffset? LastSent, string? LastError);

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Status).Must(status => status is null || SnakeCase.Knows<EnrollmentStatus>(status))
            .WithMessage("'status' is pending, active, paused, completed or exited.");
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/leads");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Campaigns.AnyAsync(campaign => campaign.Id == request.Id, ct)
                ? TypedResults.Ok(await PageOfAsync(request, ct))
                : Problems.NotFound("Campaign");

        // By the lead's id, whose order an index of the campaign has.
        private Task<Page<Item>> PageOfAsync(Request request, CancellationToken ct)
        {
            EnrollmentStatus? status = request.Status is null ? null : SnakeCase.Parse<EnrollmentStatus>(request.Status);
            return db.Enrollments.AsNoTracking()
                .Where(row => row.CampaignId == request.Id && (status == null || row.Status == status))
                .ToPageAsync(
                    request,
                    row => row.LeadId,
                    row => new Item(
                        row.LeadId,
                        db.Leads.Where(lead => lead.Id == row.LeadId).Select(lead => lead.Email).First(),
                        db.Leads.Where(lead => lead.Id == row.LeadId).Select(lead => lead.Name).First(),
                        row.Status, row.ExitReason, row.CurrentStep, row.NextRun, row.EmailAccountId, row.LastSent, row.LastError),
                    item => item.LeadId,
                    ct);
        }
    }
}
