namespace PenguinMails.Infrastructure.Warmup;

/// <summary>A mailbox's day, UTC (table <c>warmup_log</c>). What is counted comes in by <c>RecordDeliveries</c>.</summary>
internal sealed class WarmupDay
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid EmailAccountId { get; init; }
    public required DateOnly Day { get; init; }

    /// <summary>Sends that the ramp allowed; 0 where no warmup ran.</summary>
    public int Planned { get; private set; }
    public int Sent { get; private set; }
    public int Bounced { get; private set; }
    public int Complained { get; private set; }
    public int Opened { get; private set; }
    public int Clicked { get; private set; }
    public int Replied { get; private set; }

    /// <summary>Of the last seven days, as it was that day; null while too little was sent.</summary>
    public decimal? Health { get; private set; }
}

internal static class WarmupDays
{
    /// <summary>A mailbox's last days, today among them.</summary>
    public static IQueryable<WarmupDay> LastOf(this IQueryable<WarmupDay> days, Guid emailAccountId, int count, DateTimeOffset now)
    {
        var from = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - count);
        return days.Where(day => day.EmailAccountId == emailAccountId && day.Day >= from);
    }
}
