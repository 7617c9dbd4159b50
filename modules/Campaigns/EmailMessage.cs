using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns;

internal enum MessageStatus
{
    Queued,
    Sending,
    Sent,
    InDoubt,
    Failed,
    Bounced,
    Skipped,
}

/// <summary>
/// One message of one step to one lead. It is committed as sending before DATA and as sent after 250, so that a crash
/// between the two shows: such a row is in doubt and never resent by itself.
/// </summary>
internal sealed class EmailMessage
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required DateTimeOffset Created { get; init; }
    public required Guid CampaignId { get; init; }
    public required Guid CampaignLeadId { get; init; }
    public required Guid StepId { get; init; }
    public required Guid LeadId { get; init; }
    /// <summary>Null once the mailbox is deleted.</summary>
    public Guid? EmailAccountId { get; private set; }

    /// <summary>The platform's address that it leaves from; null: the mailbox's own server.</summary>
    public Guid? SmtpIpAddressId { get; private set; }

    /// <summary>The Message-ID header without its angle brackets.</summary>
    public required string MessageId { get; init; }
    public required string ToAddress { get; init; }
    public string FromAddress { get; private set; } = "";
    public string Subject { get; private set; } = "";
    public MessageStatus Status { get; private set; }
    public int Attempts { get; private set; }
    public string? SmtpResponse { get; private set; }
    public string? Error { get; private set; }
    public DateTimeOffset? Sent { get; private set; }

    public static EmailMessage Of(Draft draft, string messageId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = draft.Enrollment.TenantId,
        Created = now,
        CampaignId = draft.Enrollment.CampaignId,
        CampaignLeadId = draft.Enrollment.Id,
        StepId = draft.Step.Id,
        LeadId = draft.Lead.Id,
        MessageId = messageId,
        ToAddress = draft.Lead.Email,
    };

    public void BeginSending(MailboxDetails from, Guid? addressId, string subject)
    {
        (EmailAccountId, SmtpIpAddressId, FromAddress, Subject) = (from.Id, addressId, from.Email, subject);
        Status = MessageStatus.Sending;
        Attempts++;
    }

    public void Settle(MessageStatus status, string? reply, DateTimeOffset now)
    {
        Status = status;
        if (status == MessageStatus.Sent)
        {
            SmtpResponse = reply;
            Error = null;
            Sent = now;
        }
        else
        {
            Error = reply;
        }
    }
}

/// <summary>Something that happened to a message; rows are only added.</summary>
internal sealed class EmailEvent
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required DateTimeOffset Created { get; init; }
    public Guid? MessageId { get; init; }
    public Guid? CampaignId { get; init; }
    public Guid? LeadId { get; init; }
    public required string EventType { get; init; }
    public required DateTimeOffset Occurred { get; init; }

    public static EmailEvent Of(EmailMessage message, string type, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = message.TenantId,
        Created = now,
        MessageId = message.Id,
        CampaignId = message.CampaignId,
        LeadId = message.LeadId,
        EventType = type,
        Occurred = now,
    };
}
