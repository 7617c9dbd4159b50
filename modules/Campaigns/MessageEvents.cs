using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns;

/// <summary>
/// Notes what became of a message after it was sent: the event, the lead's score, the reputation of mailbox and address, and the
/// condition that waits for it. Called by whoever hears of it: tracking, and the inbox.
/// </summary>
internal sealed class MessageEvents(CampaignsDb db, ISender modules, TimeProvider clock)
{
    /// <summary>Writes it down in the caller's transaction, or one of its own.</summary>
    /// <param name="metadata">A JSON object with what is known besides.</param>
    /// <param name="scores">Whether it says something of the lead: that a server blocks us does not.</param>
    /// <returns>Whether it is the first of its kind for this message, and so counts; the caller then calls <see cref="CountAsync"/> after the commit.</returns>
    public async Task<bool> RecordAsync(EmailMessage message, EventType type, string? metadata, CancellationToken ct, bool scores = true)
    {
        await using var own = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        // Of two that come at once, one is the first.
        await db.Database.ExecuteSqlAsync($"SELECT FROM content.email_messages WHERE id = {message.Id} AND created = {message.Created} FOR UPDATE", ct);
        var isFirst = !await db.Events.AnyAsync(row => row.MessageId == message.Id && row.EventType == type, ct);
        db.Events.Add(EmailEvent.Of(message, type, clock.GetUtcNow(), metadata));
        await db.SaveChangesAsync(ct);
        if (isFirst)
        {
            await (scores && message.Kind == MessageKind.Campaign ? ScoreAsync(message, type, ct) : Task.CompletedTask);
            await WakeAsync(message, type, ct);
        }

        if (own is not null)
        {
            await own.CommitAsync(ct);
        }

        return isFirst;
    }

    /// <summary>Counts it for the reputation of mailbox and address. After the commit: those rows are shared by many.</summary>
    public async Task CountAsync(EmailMessage message, EventType type, CancellationToken ct)
    {
        if (message.EmailAccountId is { } mailbox && KindOf(type) is { } kind)
        {
            await modules.Send(
                new RecordDeliveries([new Delivery(mailbox, message.SmtpIpAddressId, EmailAddress.DomainOf(message.ToAddress), kind)]), ct);
        }
    }

    /// <summary>What an event adds to its lead's score.</summary>
    public static int ScoreOf(EventType type) => type switch
    {
        EventType.Opened => 1,
        EventType.Clicked => 5,
        EventType.Replied => 10,
        EventType.Bounced => -50,
        _ => 0,
    };

    // Whoever opens, follows or answers has got it: what bounced before counts no more.
    private Task ScoreAsync(EmailMessage message, EventType type, CancellationToken ct) => ScoreOf(type) is var points and not 0
        ? db.Database.ExecuteSqlAsync($"UPDATE leads SET score = score + {points}, soft_bounces = CASE WHEN {points} > 0 THEN 0 ELSE soft_bounces END WHERE id = {message.LeadId}", ct)
        : Task.CompletedTask;

    // It is due now: the condition need not wait out its window.
    private async Task WakeAsync(EmailMessage message, EventType type, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var woken = await db.Enrollments
            .Where(row => row.Id == message.CampaignLeadId && row.LastEmailId == message.Id && row.WaitsFor == type && row.Status == EnrollmentStatus.Active)
            .ExecuteUpdateAsync(row => row.SetProperty(waiting => waiting.NextRun, now), ct);
        if (woken > 0)
        {
            await db.Campaigns.Where(row => row.Id == message.CampaignId)
                .ExecuteUpdateAsync(row => row.SetProperty(campaign => campaign.NextDispatch, now), ct);
        }
    }

    private static DeliveryKind? KindOf(EventType type) => type switch
    {
        EventType.Opened => DeliveryKind.Opened,
        EventType.Clicked => DeliveryKind.Clicked,
        EventType.Replied => DeliveryKind.Replied,
        EventType.Bounced => DeliveryKind.Bounced,
        EventType.Complained => DeliveryKind.Complained,
        _ => null,
    };
}
