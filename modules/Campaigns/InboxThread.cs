namespace PenguinMails.Campaigns;

/// <summary>What is said with one lead in one campaign, or with one stranger (table <c>content.inbox_threads</c>).</summary>
internal sealed class InboxThread
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }

    /// <summary>The mailbox that was written to; null once it is deleted.</summary>
    public Guid? EmailAccountId { get; init; }
    public Guid? LeadId { get; init; }
    public Guid? CampaignId { get; init; }
    public Guid? CampaignLeadId { get; init; }

    /// <summary>The address that writes in, in lower case.</summary>
    public required string Participant { get; init; }
    public string? Subject { get; init; }
    public required DateTimeOffset LastMessage { get; set; }
    public int Unread { get; set; }
    public bool IsArchived { get; set; }

    /// <summary>The key that a client gave to the last answer it sent, and which that is: asked for again, it is not sent again.</summary>
    public string? ReplyKey { get; private set; }
    public Guid? ReplyMessageId { get; private set; }
    public DateTimeOffset Created { get; private set; }

    public void Answer(string key, Guid messageId) => (ReplyKey, ReplyMessageId) = (key, messageId);
}

internal enum InboxKind
{
    Reply,
    OutOfOffice,
    Bounce,
    Complaint,
    Other,
}

/// <summary>A message that came in (table <c>content.inbox_messages</c>). Notices (bounces, complaints) belong to no thread.</summary>
internal sealed class InboxMessage
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public Guid? ThreadId { get; init; }
    public Guid? EmailAccountId { get; init; }

    /// <summary>What it answers or is about: a row of <c>content.email_messages</c>.</summary>
    public Guid? EmailMessageId { get; init; }
    public required InboxKind Kind { get; init; }

    /// <summary>The Message-ID header without its angle brackets.</summary>
    public string? MessageId { get; init; }
    public string? InReplyTo { get; init; }
    public required string FromAddress { get; init; }
    public string? FromName { get; init; }
    public string? ToAddress { get; init; }
    public string? Subject { get; init; }

    /// <summary>What its author wrote, without what is quoted.</summary>
    public string? Text { get; init; }

    /// <summary>The message as it came, by Brotli.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Bytes before it was compressed.</summary>
    public required int Size { get; init; }
    public bool IsRead { get; set; }
    public required DateTimeOffset Received { get; init; }
    public required long UidValidity { get; init; }
    public required long Uid { get; init; }
}

/// <summary>A tag of a thread; the tag is the tenant's or a default one.</summary>
internal sealed class InboxThreadTag
{
    public required Guid TenantId { get; init; }
    public required Guid ThreadId { get; init; }
    public required long TagId { get; init; }
}
