using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <summary>GET /inbox/summary: what is unread, by mailbox and by campaign; what is archived does not count.</summary>
internal static class GetInboxSummary
{
    /// <param name="Id">Null: a mailbox that is deleted, or no campaign.</param>
    internal sealed record Count(Guid? Id, int Threads, int Messages);

    internal sealed record Response(int Threads, int Messages, IReadOnlyList<Count> ByMailbox, IReadOnlyList<Count> ByCampaign);

    internal sealed class Endpoint(CampaignsDb db) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/inbox/summary");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Response> ExecuteAsync(CancellationToken ct)
        {
            var counts = await db.Threads.Where(row => row.Unread > 0 && !row.IsArchived)
                .GroupBy(row => new { row.EmailAccountId, row.CampaignId })
                .Select(group => new { group.Key.EmailAccountId, group.Key.CampaignId, Threads = group.Count(), Messages = group.Sum(row => row.Unread) })
                .ToListAsync(ct);
            return new Response(
                counts.Sum(row => row.Threads), counts.Sum(row => row.Messages),
                [.. counts.GroupBy(row => row.EmailAccountId, (id, rows) => new Count(id, rows.Sum(row => row.Threads), rows.Sum(row => row.Messages)))],
                [.. counts.GroupBy(row => row.CampaignId, (id, rows) => new Count(id, rows.Sum(row => row.Threads), rows.Sum(row => row.Messages)))]);
        }
    }
}
