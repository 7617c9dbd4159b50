using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Keeps what came in, and the thread it belongs to.</summary>
internal sealed class InboxRows(CampaignsDb db, TimeProvider clock)
{
    /// <summary>The thread of what it answers, begun where there is none.</summary>
    /// <param name="unread">1, or 0 for what nobody need read.</param>
    public async Task<Guid> ThreadAsync(IncomingMail mail, EmailMessage? message, int unread, CancellationToken ct)
    {
        if (message?.CampaignLeadId is not null)
        {
            return await EnrollmentThreadAsync(mail, message, unread, ct);
        }

        if ((message?.ThreadId ?? await KnownThreadAsync(mail, ct)) is not { } known)
        {
            return await NewThreadAsync(mail, unread, ct);
        }

        await db.Database.ExecuteSqlAsync($"""
            UPDATE content.inbox_threads SET last_message = GREATEST(last_message, {mail.Received.Received}), unread = unread + {unread},
                is_archived = is_archived AND {unread} = 0
            WHERE id = {known}
            """, ct);
        return known;
    }

    /// <returns>False: it was taken before, by this or another host.</returns>
    public async Task<bool> AddAsync(IncomingMail mail, InboxKind kind, EmailMessage? message, Guid? threadId, CancellationToken ct)
    {
        var (now, received) = (clock.GetUtcNow(), mail.Received);
        // Notices and automatic answers are not waited for by anybody.
        var isRead = kind is InboxKind.Bounce or InboxKind.Complaint or InboxKind.OutOfOffice;
        return await db.Database.ExecuteSqlAsync($"""
            INSERT INTO content.inbox_messages (id, tenant_id, thread_id, email_account_id, email_message_id, kind, message_id, in_reply_to,
                from_address, from_name, to_address, subject, text, body, size, is_read, received, uid_validity, uid, created)
            VALUES ({Guid.CreateVersion7(now)}, {received.TenantId}, {threadId}, {received.EmailAccountId}, {message?.Id}, {SnakeCase.Of(kind)},
                {mail.MessageId}, {mail.InReplyTo}, {mail.From}, {mail.FromName}, {mail.To}, {mail.Subject}, {mail.Text},
                {EmailContent.Pack(received.Raw.Span)}, {received.Raw.Length}, {isRead}, {received.Received}, {received.UidValidity}, {received.Uid}, {now})
            ON CONFLICT (email_account_id, uid_validity, uid) DO NOTHING
            """, ct) > 0;
    }

    private async Task<Guid> EnrollmentThreadAsync(IncomingMail mail, EmailMessage message, int unread, CancellationToken ct) =>
        (await db.Database.SqlQuery<Guid>($"""
            INSERT INTO content.inbox_threads AS thread (id, tenant_id, email_account_id, lead_id, campaign_id, campaign_lead_id, participant,
                subject, last_message, unread)
            VALUES ({Guid.CreateVersion7(clock.GetUtcNow())}, {mail.Received.TenantId}, {mail.Received.EmailAccountId}, {message.LeadId},
                {message.CampaignId}, {message.CampaignLeadId}, {mail.From}, {mail.Subject}, {mail.Received.Received}, {unread})
            ON CONFLICT (campaign_lead_id, tenant_id) DO UPDATE SET last_message = GREATEST(thread.last_message, excluded.last_message),
                unread = thread.unread + excluded.unread, is_archived = thread.is_archived AND excluded.unread = 0
            RETURNING id
            """).ToListAsync(ct)).Single();

    // A stranger who goes on, with us or after an answer of ours.
    private async Task<Guid?> KnownThreadAsync(IncomingMail mail, CancellationToken ct)
    {
        var ids = mail.About;
        return ids.Count == 0 ? null : await db.InboxMessages.Where(row => ids.Contains(row.MessageId!) && row.ThreadId != null)
            .OrderByDescending(row => row.Received).Select(row => row.ThreadId).FirstOrDefaultAsync(ct);
    }

    private async Task<Guid> NewThreadAsync(IncomingMail mail, int unread, CancellationToken ct)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        db.Threads.Add(new InboxThread
        {
            Id = id,
            TenantId = mail.Received.TenantId,
            EmailAccountId = mail.Received.EmailAccountId,
            Participant = mail.From,
            Subject = mail.Subject,
            LastMessage = mail.Received.Received,
            Unread = unread,
        });
        await db.SaveChangesAsync(ct);
        return id;
    }
}
