using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Analytics;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Analytics;

/// <summary>
/// GET /campaigns/{id}/analytics: what became of a campaign's messages, by step, variant, mailbox, provider or day; as a file with
/// <c>format=csv</c>.
/// </summary>
internal static class GetCampaignAnalytics
{
    internal sealed record Request : AnalyticsRange
    {
        public Guid Id { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator(TimeProvider clock) => this.AddRangeRules(clock, "step", "variant", "mailbox", "provider", "day");
    }

    internal sealed class Endpoint(CampaignsDb db, AnalyticsReports reports) : Endpoint<Request, AnalyticsReport>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/analytics");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task HandleAsync(Request request, CancellationToken ct)
        {
            if (!await db.Campaigns.AnyAsync(campaign => campaign.Id == request.Id, ct))
            {
                await Send.ResultAsync(Problems.NotFound("Campaign"));
                return;
            }

            if (await reports.RefuseAsync(request, ct) is { } refusal)
            {
                await Send.ResultAsync(refusal);
                return;
            }

            var report = await reports.MakeAsync(request, [request.Id], ct);
            await (request.IsCsv ? AnalyticsReports.WriteAsync(HttpContext.Response, report, ct) : Send.ResultAsync(TypedResults.Ok(report)));
        }
    }
}
