using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>What follows from a message that came in, for leads and their ways; all within the caller's transaction.</summary>
internal sealed class Effects(CampaignsDb db, MessageEvents events, EnrollmentExit exit, TimeProvider clock)
{
    private readonly List<(EmailMessage Message, EventType Type)> _counted = [];

    /// <summary>What is to be counted once all is committed.</summary>
    public IReadOnlyList<(EmailMessage Message, EventType Type)> Counted => _counted;

    /// <summary>Before another attempt: what was rolled back counts for nothing.</summary>
    public void Forget() => _counted.Clear();

    /// <summary>A person has answered.</summary>
    /// <returns>As of all here, false: somebody has it in hand, and the caller comes again.</returns>
    public async Task<bool> RepliedAsync(EmailMessage message, string from, CancellationToken ct)
    {
        await RecordAsync(message, EventType.Replied, null, ct);
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == message.CampaignId, ct);
        if (campaign is not { StopOnReply: true })
        {
            return true;
        }

        var domains = campaign.StopCompanyOnReply ? CompanyDomains(message.ToAddress, from) : [];
        return await exit.TryAsync(
            db.Enrollments.Where(row => row.CampaignId == campaign.Id && (row.Id == message.CampaignLeadId
                || db.Leads.Any(lead => lead.Id == row.LeadId && domains.Contains(CampaignsDb.SplitPart(lead.Email, "@", 2))))),
            ExitReason.Replied, ct);
    }

    /// <summary>Neither this nor another campaign writes to the address any more.</summary>
    /// <param name="message">What led to it, where that is known.</param>
    public async Task<bool> StoppedAsync(
        Lead lead, EmailMessage? message, EventType type, SuppressionReason reason, string? metadata, CancellationToken ct)
    {
        if (message is not null)
        {
            await RecordAsync(message, type, metadata, ct);
        }

        await Suppression.AddAsync(db, lead, reason, message is null ? "inbox" : $"message {message.Id}", ct);
        var status = Suppression.StatusOf(reason)!.Value;
        // What was graver stays; and a lead whose address was changed since is not the one who said so.
        await db.Leads
            .Where(row => row.Id == lead.Id && row.Email == lead.Email)
            .Where(row => row.Status == LeadStatus.Active || row.Status == LeadStatus.Archived || status == LeadStatus.Complained)
            .ExecuteUpdateAsync(row => row.SetProperty(stopped => stopped.Status, status), ct);
        return await exit.TryAsync(db.Enrollments.Where(row => row.LeadId == lead.Id), Suppression.ExitOf(reason), ct);
    }

    /// <summary>The message will never arrive.</summary>
    public async Task<bool> BouncedAsync(EmailMessage message, RecipientNotice notice, CancellationToken ct)
    {
        var error = ReplyText.Storable($"{notice.Status} {notice.Diagnostic}".Trim(), 1000);
        await db.Messages
            .Where(row => row.Id == message.Id && row.Created == message.Created
                && (row.Status == MessageStatus.Sent || row.Status == MessageStatus.InDoubt))
            .ExecuteUpdateAsync(row => row
                .SetProperty(bounced => bounced.Status, MessageStatus.Bounced)
                .SetProperty(bounced => bounced.Error, error), ct);
        var metadata = Metadata(notice);
        if (notice.Class == BounceClass.Hard)
        {
            return await StoppedAsync(LeadOf(message), message, EventType.Bounced, SuppressionReason.HardBounce, metadata, ct);
        }

        var isFirst = await RecordAsync(message, EventType.Bounced, metadata, ct, scores: false);
        if (notice.Class == BounceClass.Soft && isFirst)
        {
            await SoftBounces.CountAsync(db, message, clock.GetUtcNow(), ct);
        }

        return true;
    }

    /// <summary>It is late, or has arrived.</summary>
    public Task<bool> NotedAsync(EmailMessage message, EventType type, RecipientNotice notice, CancellationToken ct) =>
        RecordAsync(message, type, Metadata(notice), ct);

    /// <summary>The lead as the message knew it: an address that was changed since is another matter.</summary>
    public static Lead LeadOf(EmailMessage message) =>
        new() { Id = message.LeadId ?? Guid.Empty, TenantId = message.TenantId, Email = message.ToAddress };

    private async Task<bool> RecordAsync(EmailMessage message, EventType type, string? metadata, CancellationToken ct, bool scores = true)
    {
        var isFirst = await events.RecordAsync(message, type, metadata, ct, scores);
        if (isFirst)
        {
            _counted.Add((message, type));
        }

        return isFirst;
    }

    private static string Metadata(RecipientNotice notice) => JsonSerializer.Serialize(new Dictionary<string, string?>
    {
        ["class"] = notice.Action == NoticeAction.Failed ? notice.Class.ToString().ToLowerInvariant() : null,
        ["status"] = notice.Status,
        ["diagnostic"] = ReplyText.Storable(notice.Diagnostic, 500),
    }.Where(pair => !string.IsNullOrEmpty(pair.Value)).ToDictionary());

    private static string[] CompanyDomains(params string[] addresses) =>
        [.. addresses.Where(address => address.Contains('@')).Select(address => Leads.EmailAddress.DomainOf(address)).Where(domain => !SharedMailDomains.Holds(domain)).Distinct()];
}
