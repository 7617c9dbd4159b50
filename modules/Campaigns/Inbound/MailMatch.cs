using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Finds what was sent that a message answers or is about.</summary>
internal sealed class MailMatch(CampaignsDb db, TimeProvider clock)
{
    // A notice without its message comes within days (RFC 5321, 4.5.4.1); people take longer.
    private static readonly TimeSpan NoticeTime = TimeSpan.FromDays(5);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromDays(30);

    /// <summary>Whether it was taken before, under another uid: uids begin anew when a mailbox is moved or restored.</summary>
    public Task<bool> IsKnownAsync(IncomingMail mail, CancellationToken ct) => mail.MessageId is null
        ? Task.FromResult(false)
        : db.InboxMessages.AnyAsync(row => row.EmailAccountId == mail.Received.EmailAccountId
            && row.MessageId == mail.MessageId && row.FromAddress == mail.From, ct);

    /// <summary>Whether it is a copy of what was sent, of this or another mailbox of ours.</summary>
    public async Task<bool> IsOwnAsync(IncomingMail mail, CancellationToken ct) => mail.IsOwn
        || (mail.MessageId is not null && await db.Messages.AnyAsync(row => row.MessageId == mail.MessageId, ct));

    /// <summary>The row of what it answers or is about; null where that is not sure.</summary>
    public async Task<EmailMessage?> FindAsync(IncomingMail mail, CancellationToken ct)
    {
        var ids = mail.About;
        var named = ids.Count == 0 ? [] : await db.Messages.AsNoTracking().Where(row => ids.Contains(row.MessageId)).ToListAsync(ct);
        if (named.Count > 0)
        {
            return named.MinBy(row => (ids.IndexOf(row.MessageId), -row.Created.UtcTicks));
        }

        return mail.Verdict switch
        {
            { Kind: MailKind.DeliveryNotice, Recipients: [var only] } => await LastToAsync(mail, only.Addresses, NoticeTime, ct),
            { Kind: MailKind.Complaint, Recipients: [var only] } => await LastToAsync(mail, only.Addresses, AnswerTime, ct),
            // Some programs answer without saying what.
            { Kind: MailKind.Person or MailKind.OptOut or MailKind.AutoReply } => await LastToAsync(mail, [mail.From], AnswerTime, ct),
            _ => null,
        };
    }

    // What left this mailbox last for one of these addresses; of two campaigns to the same person none is surely meant.
    private async Task<EmailMessage?> LastToAsync(IncomingMail mail, IReadOnlyList<string> addresses, TimeSpan within, CancellationToken ct)
    {
        var since = clock.GetUtcNow() - within;
        var leads = await db.Leads.Where(lead => addresses.Contains(lead.Email)).Select(lead => lead.Id).ToListAsync(ct);
        var sent = leads.Count == 0 ? [] : await db.Messages.AsNoTracking()
            .Where(row => leads.Contains(row.LeadId!.Value) && row.EmailAccountId == mail.Received.EmailAccountId && row.Created >= since)
            .Where(row => row.Status != MessageStatus.Queued && row.Status != MessageStatus.Skipped && row.Status != MessageStatus.Failed)
            .OrderByDescending(row => row.Created).Take(50)
            .ToListAsync(ct);
        return sent.Select(row => row.CampaignLeadId).Distinct().Count() == 1 ? sent[0] : null;
    }
}
