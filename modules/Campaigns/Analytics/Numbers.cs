namespace PenguinMails.Campaigns.Analytics;

/// <summary>What became of the messages of one step, mailbox, day or whatever they are asked for by.</summary>
internal sealed record Numbers
{
    /// <summary>An id, a receiver or a day; null: of none.</summary>
    public string? Key { get; init; }

    /// <summary>Handed over to the receiver's server, also where it refused.</summary>
    public long Sent { get; init; }
    public long Opened { get; init; }
    public long Clicked { get; init; }
    public long Replied { get; init; }
    public long Bounced { get; init; }
    public long Complained { get; init; }
    public long Unsubscribed { get; init; }
    public long Deferred { get; init; }
    public long Failed { get; init; }

    /// <summary>Sent and not come back. A day may have more that come back than leave.</summary>
    public long Delivered => Math.Max(0, Sent - Bounced);

    public static Numbers Sum(IReadOnlyCollection<Numbers> rows) => new()
    {
        Sent = rows.Sum(row => row.Sent),
        Opened = rows.Sum(row => row.Opened),
        Clicked = rows.Sum(row => row.Clicked),
        Replied = rows.Sum(row => row.Replied),
        Bounced = rows.Sum(row => row.Bounced),
        Complained = rows.Sum(row => row.Complained),
        Unsubscribed = rows.Sum(row => row.Unsubscribed),
        Deferred = rows.Sum(row => row.Deferred),
        Failed = rows.Sum(row => row.Failed),
    };
}
