namespace PenguinMails.Campaigns;

internal enum EventType
{
    Sent,
    Delivered,
    Opened,
    Clicked,
    Replied,
    Bounced,
    Complained,
    Unsubscribed,
    Deferred,
}

/// <summary>
/// Something that happened to a message (table <c>content.email_events</c>); rows are only added. It says by itself what it is counted by,
/// so that a day is summed up without its messages.
/// </summary>
internal sealed class EmailEvent
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required DateTimeOffset Created { get; init; }

    /// <summary>The message's row.</summary>
    public Guid? MessageId { get; init; }
    public Guid? CampaignId { get; init; }
    public Guid? CampaignLeadId { get; init; }
    public Guid? LeadId { get; init; }
    public Guid? StepId { get; init; }
    public Guid? VariantId { get; init; }
    public Guid? EmailAccountId { get; init; }

    /// <summary>Who received it, as <see cref="EmailMessage.Provider"/>.</summary>
    public string? Provider { get; init; }
    public required EventType EventType { get; init; }
    public required DateTimeOffset Occurred { get; init; }

    /// <summary>A JSON object with what is known besides: the link, the enhanced code.</summary>
    public string? Metadata { get; init; }

    public static EmailEvent Of(EmailMessage message, EventType type, DateTimeOffset now, string? metadata = null) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = message.TenantId,
        Created = now,
        MessageId = message.Id,
        // What becomes of a person's own answer is no campaign's number.
        CampaignId = message.Kind == MessageKind.Campaign ? message.CampaignId : null,
        CampaignLeadId = message.CampaignLeadId,
        LeadId = message.LeadId,
        StepId = message.StepId,
        VariantId = message.VariantId,
        EmailAccountId = message.EmailAccountId,
        Provider = message.Provider,
        EventType = type,
        Occurred = now,
        Metadata = metadata,
    };
}
