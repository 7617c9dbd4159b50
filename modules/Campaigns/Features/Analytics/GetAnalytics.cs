using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Analytics;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Analytics;

/// <summary>
/// GET /analytics: what became of the messages of all campaigns, or of one company's, by campaign, mailbox, provider or day; as a file
/// with <c>format=csv</c>.
/// </summary>
internal static class GetAnalytics
{
    internal sealed record Request : AnalyticsRange
    {
        /// <summary>Only the campaigns of this company.</summary>
        [QueryParam]
        public Guid? CompanyId { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator(TimeProvider clock) => this.AddRangeRules(clock, "campaign", "mailbox", "provider", "day");
    }

    internal sealed class Endpoint(CampaignsDb db, AnalyticsReports reports, ISender modules) : Endpoint<Request, AnalyticsReport>
    {
        public override void Configure()
        {
            Get("/analytics");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task HandleAsync(Request request, CancellationToken ct)
        {
            if (request.CompanyId is { } companyId && await modules.Send(new GetCompany(companyId), ct) is null)
            {
                await Send.ResultAsync(Problems.NotFound("Company"));
                return;
            }

            if (await reports.RefuseAsync(request, ct) is { } refusal)
            {
                await Send.ResultAsync(refusal);
                return;
            }

            var campaigns = request.CompanyId is null ? null
                : await db.Campaigns.Where(campaign => campaign.CompanyId == request.CompanyId).Select(campaign => campaign.Id).ToListAsync(ct);
            var report = await reports.MakeAsync(request, campaigns, ct);
            await (request.IsCsv ? AnalyticsReports.WriteAsync(HttpContext.Response, report, ct) : Send.ResultAsync(TypedResults.Ok(report)));
        }
    }
}
