using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns;

internal enum MessageKind
{
    Campaign,
    /// <summary>A person's answer out of the inbox.</summary>
    Reply,
}

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
    public MessageKind Kind { get; init; }

    /// <summary>Null for a reply to somebody of no campaign.</summary>
    public Guid? CampaignId { get; init; }
    public Guid? CampaignLeadId { get; init; }

    /// <summary>Null for a reply.</summary>
    public Guid? StepId { get; init; }
    public Guid? VariantId { get; init; }
    public Guid? LeadId { get; init; }

    /// <summary>The thread of the inbox that a reply belongs to.</summary>
    public Guid? ThreadId { get; init; }

    /// <summary>Who receives it: google, microsoft, yahoo, apple or other.</summary>
    public string? Provider { get; set; }

    /// <summary>Null once the mailbox is deleted.</summary>
    public Guid? EmailAccountId { get; private set; }

    /// <summary>The platform's address that it leaves from; null: the mailbox's own server.</summary>
    public Guid? SmtpIpAddressId { get; private set; }

    /// <summary>The Message-ID header without its angle brackets.</summary>
    public required string MessageId { get; init; }
    public required string ToAddress { get; set; }
    public string FromAddress { get; private set; } = "";
    public string Subject { get; private set; } = "";
    public MessageStatus Status { get; private set; }
    public int Attempts { get; private set; }
    public string? SmtpResponse { get; private set; }
    public string? Error { get; private set; }
    public DateTimeOffset? Sent { get; private set; }

    public static EmailMessage Of(Draft draft, string messageId, DateTimeOffset now) => new()
    {
        Id = draft.MessageRowId,
        TenantId = draft.Enrollment.TenantId,
        Created = now,
        CampaignId = draft.Enrollment.CampaignId,
        CampaignLeadId = draft.Enrollment.Id,
        StepId = draft.Step.Id,
        VariantId = draft.Variant?.Id,
        Provider = Receivers.NameOf(draft.RecipientDomain),
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

    /// <summary>A person's answer in a thread; it goes to whoever writes in there.</summary>
    public static EmailMessage ReplyIn(InboxThread thread, string messageId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = thread.TenantId,
        Created = now,
        Kind = MessageKind.Reply,
        CampaignId = thread.CampaignId,
        CampaignLeadId = thread.CampaignLeadId,
        LeadId = thread.LeadId,
        ThreadId = thread.Id,
        Provider = Receivers.NameOf(EmailAddress.DomainOf(thread.Participant)),
        MessageId = messageId,
        ToAddress = thread.Participant,
    };
}
