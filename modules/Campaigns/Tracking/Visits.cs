using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>
/// Records that a message was opened or a link of it followed: at most once a minute and <see cref="Most"/> times a message, so that
/// nobody floods the events with an address of ours. Nothing is recorded where the campaign does not track (any more).
/// </summary>
internal sealed class Visits(CampaignsDb db, TenantScope scope, MessageEvents events, TimeProvider clock)
{
    /// <summary>Events of a kind for one message; more say nothing new.</summary>
    public const int Most = 20;

    private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

    // No reader is that fast: a scanner follows the links before it lets the message in.
    private static readonly TimeSpan TooSoon = TimeSpan.FromSeconds(2);

    public Task OpenedAsync(TrackedMessage tracked, CancellationToken ct) => RecordAsync(tracked, EventType.Opened, null, ct);

    /// <summary>Who follows a link has opened the message, whether the gif was fetched or not.</summary>
    public Task ClickedAsync(TrackedMessage tracked, string url, CancellationToken ct) => RecordAsync(tracked, EventType.Clicked, url, ct);

    private async Task RecordAsync(TrackedMessage tracked, EventType type, string? url, CancellationToken ct)
    {
        // The signed token is the permission to act for this tenant, for this message only.
        scope.Enter(tracked.TenantId);
        var (from, until) = tracked.Made;
        var found = await db.Messages.AsNoTracking().Where(row => row.Id == tracked.MessageId && row.Created >= from && row.Created < until)
            .Join(db.Campaigns, message => message.CampaignId, campaign => campaign.Id, (message, campaign) => new { message, campaign.TrackOpens, campaign.TrackClicks })
            .SingleOrDefaultAsync(ct);
        if (found is null || !(type == EventType.Opened ? found.TrackOpens : found.TrackClicks && IsLateEnough(found.message)))
        {
            return;
        }

        foreach (var first in await AddAsync(found.message, type, url, found.TrackOpens, ct))
        {
            await events.CountAsync(found.message, first, ct);
        }
    }

    // One that is not known to have left may be in doubt, and read all the same.
    private bool IsLateEnough(EmailMessage message) =>
        message.Sent is { } sent ? clock.GetUtcNow() >= sent + TooSoon : message.Status is not (MessageStatus.Queued or MessageStatus.Sending);

    /// <returns>The kinds of which this was the first.</returns>
    private async Task<IReadOnlyList<EventType>> AddAsync(EmailMessage message, EventType type, string? url, bool tracksOpens, CancellationToken ct)
    {
        var firsts = new List<EventType>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        // Those that come at once wait here, and see each other.
        await db.Database.ExecuteSqlAsync($"SELECT FROM content.email_messages WHERE id = {message.Id} AND created = {message.Created} FOR UPDATE", ct);
        var known = await db.Events.AsNoTracking()
            .Where(row => row.MessageId == message.Id && row.Created >= message.Created && (row.EventType == EventType.Opened || row.EventType == EventType.Clicked))
            .ToListAsync(ct);
        if (type == EventType.Clicked && tracksOpens && known.TrueForAll(row => row.EventType != EventType.Opened))
        {
            await RecordAsync(message, EventType.Opened, null, firsts, ct);
        }

        if (!IsTooMuch(known.FindAll(row => row.EventType == type), url))
        {
            await RecordAsync(message, type, url, firsts, ct);
        }

        await transaction.CommitAsync(ct);
        return firsts;
    }

    private async Task RecordAsync(EmailMessage message, EventType type, string? url, List<EventType> firsts, CancellationToken ct)
    {
        if (await events.RecordAsync(message, type, url is null ? null : JsonSerializer.Serialize(new { url }), ct))
        {
            firsts.Add(type);
        }
    }

    // Each link may be followed within the minute, but none twice.
    private bool IsTooMuch(List<EmailEvent> known, string? url)
    {
        var since = clock.GetUtcNow() - Apart;
        return known.Count >= Most || known.Exists(row => row.Occurred > since && UrlOf(row) == url);
    }

    private static string? UrlOf(EmailEvent happened) =>
        happened.Metadata is { } known && JsonDocument.Parse(known).RootElement.TryGetProperty("url", out var url) ? url.GetString() : null;
}
