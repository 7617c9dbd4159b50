using Microsoft.EntityFrameworkCore;
using MimeKit;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Campaigns.Inbox;

/// <summary>The messages of a thread as they came and as they left.</summary>
internal sealed class ThreadMessages(CampaignsDb db)
{
    /// <summary>What was sent in it: the enrollment's messages, and answers out of the inbox.</summary>
    public IQueryable<EmailMessage> SentIn(InboxThread thread) => db.Messages.Where(row =>
        (row.Kind == MessageKind.Campaign && row.CampaignLeadId != null && row.CampaignLeadId == thread.CampaignLeadId)
        || (row.Kind == MessageKind.Reply && row.ThreadId == thread.Id));

    /// <returns>Null where the thread has no such message, or its text is no longer kept.</returns>
    public async Task<byte[]?> FindAsync(Guid threadId, Guid messageId, CancellationToken ct)
    {
        if (await db.Threads.AsNoTracking().SingleOrDefaultAsync(row => row.Id == threadId, ct) is not { } thread)
        {
            return null;
        }

        if (await db.InboxMessages.AsNoTracking().SingleOrDefaultAsync(row => row.Id == messageId && row.ThreadId == threadId, ct) is { } received)
        {
            return EmailContent.Unpack(received.Body, received.Size);
        }

        return await SentIn(thread).AnyAsync(row => row.Id == messageId, ct)
            && await db.Contents.AsNoTracking().SingleOrDefaultAsync(row => row.MessageId == messageId, ct) is { } content
            ? EmailContent.Unpack(content.Body, content.Size)
            : null;
    }

    public static MimeMessage Parse(byte[] raw, CancellationToken ct) => MimeMessage.Load(new MemoryStream(raw, writable: false), ct);

    /// <summary>What can be downloaded, in the message's order: what is attached, and pictures in the text.</summary>
    public static IEnumerable<MimeEntity> AttachmentsOf(MimeMessage message) =>
        message.BodyParts.Where(part => part.IsAttachment || part is not TextPart);
}
