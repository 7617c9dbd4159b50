using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using PenguinMails.Campaigns.Analytics;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Analytics;

/// <summary>GET /campaigns/{id}/progress: server-sent events, <c>progress</c> once a second, and at last <c>completed</c>.</summary>
internal static class StreamProgress
{
    internal sealed record Request(Guid Id);

    /// <param name="WaitingFor">Why there is nothing to send before <paramref name="NextDispatch"/>; null while there is.</param>
    /// <param name="NextDispatch">When it is looked at next; null while it does not send.</param>
    /// <param name="Leads">Enrollments by status.</param>
    /// <param name="Messages">Messages by status.</param>
    /// <param name="SentToday">Messages that were accepted since the day began in the campaign's zone.</param>
    internal sealed record View(
        CampaignStatus Status, string? WaitingFor, DateTimeOffset? NextDispatch, IReadOnlyDictionary<string, int> Leads, IReadOnlyDictionary<string, int> Messages, int SentToday);

    internal sealed class Endpoint(CampaignsDb db, CampaignProgress progress, StreamPermit permit, IHostApplicationLifetime lifetime)
        : Endpoint<Request, Results<ServerSentEventsResult<View>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/progress");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<ServerSentEventsResult<View>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Campaigns.AnyAsync(row => row.Id == request.Id, ct)
                ? TypedResults.ServerSentEvents(FollowAsync(request.Id, ct))
                : Problems.NotFound("Campaign");

        private async IAsyncEnumerable<SseItem<View>> FollowAsync(Guid id, [EnumeratorCancellation] CancellationToken ct)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
            do
            {
                if (await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, ct) is not { } campaign)
                {
                    yield break;
                }

                var isOver = campaign.Status == CampaignStatus.Completed;
                yield return new SseItem<View>(ViewOf(campaign, await progress.OfAsync(campaign, ct)), isOver ? "completed" : "progress");
                if (isOver)
                {
                    yield break;
                }
            }
            while (await permit.MayGoOnAsync(HttpContext, AccessPolicies.Viewer, over.Token));
        }

        private static View ViewOf(Campaign campaign, ProgressCounts counts)
        {
            var isSending = campaign.Status == CampaignStatus.Sending;
            return new View(
                campaign.Status, isSending ? campaign.WaitingFor : null, isSending ? campaign.NextDispatch : null, counts.Leads, counts.Messages, counts.SentToday);
        }
    }
}
