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
    public required Guid EmailAccountId { get; set; }

    /// <summary>The Message-ID header without its angle brackets.</summary>
    public required string MessageId { get; init; }
    public required string ToAddress { get; init; }
    public required string FromAddress { get; set; }
    public required string Subject { get; set; }
    public MessageStatus Status { get; private set; }
    public int Attempts { get; private set; }
    public string? SmtpResponse { get; private set; }
    public string? Error { get; private set; }
    public DateTimeOffset? Sent { get; private set; }

    public void BeginSending()
    {
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
}
