using PenguinMails.Infrastructure.Addresses;

namespace PenguinMails.Infrastructure;

internal enum AddressStatus
{
    Available,
    Assigned,
    Warming,
    Warmed,
    Degraded,
    Burned,
    Quarantined,
}

internal enum ReputationState
{
    Good,
    Fair,
    Poor,
    Critical,
}

/// <summary>What one blocklist said of an address or a domain.</summary>
/// <param name="Code">The answer, as <c>127.0.0.2</c>; null where not listed.</param>
internal sealed record Listing(bool Listed, string? Code, DateTimeOffset? Since, DateTimeOffset Checked);

/// <summary>
/// An IP address that the platform sends from (table <c>smtp_ip_addresses</c>). Each event answers whether it was allowed; a change of
/// state is written into the history with what led to it.
/// </summary>
internal sealed partial class SmtpIpAddress
{
    // The second quarantine is the last.
    private const int MostQuarantines = 2;

    private readonly List<AddressRecord> _history = [];

    public required Guid Id { get; init; }
    public required Guid VpsInstanceId { get; init; }
    public required string IpAddress { get; init; }
    public AddressStatus Status { get; private set; } = AddressStatus.Available;
    public DateTimeOffset StatusSince { get; private set; }
    public ReputationState ReputationState { get; private set; } = ReputationState.Good;
    public DateTimeOffset? LastReputationCheck { get; private set; }

    /// <summary>Domains on it; kept by the database.</summary>
    public int AssignedCount { get; private set; }

    /// <summary>When its ramp began; null before the first send, and again once it is released.</summary>
    public DateTimeOffset? WarmingStarted { get; private set; }
    public int QuarantineCount { get; private set; }

    /// <summary>Since when no check has found fault with it; null where the last one did, or its state has changed since.</summary>
    public DateTimeOffset? CleanSince { get; private set; }

    /// <summary>The only tenant it serves; null: it is shared.</summary>
    public Guid? DedicatedTenantId { get; private set; }

    /// <summary>By the name of the blocklist; null: never checked.</summary>
    public IReadOnlyDictionary<string, Listing>? ProviderBlacklistStatus { get; set; }

    /// <summary>Those that were added, unless loaded.</summary>
    public IReadOnlyCollection<AddressRecord> History => _history;

    /// <param name="dedicatedTenantId">The only tenant it will serve; null: it is shared.</param>
    public static SmtpIpAddress Provision(Guid vpsInstanceId, string ipAddress, Guid? dedicatedTenantId = null) => new()
    {
        Id = Guid.CreateVersion7(),
        VpsInstanceId = vpsInstanceId,
        IpAddress = ipAddress,
        DedicatedTenantId = dedicatedTenantId,
    };

    /// <summary>A domain is put on it.</summary>
    public bool Assign(DateTimeOffset now) => Status switch
    {
        AddressStatus.Available => Become(AddressStatus.Assigned, "A domain was put on it.", null, now),
        AddressStatus.Assigned or AddressStatus.Warming or AddressStatus.Warmed => true,
        _ => false,
    };

    /// <summary>Its ramp begins.</summary>
    public bool FirstSend(DateTimeOffset now) => Status == AddressStatus.Assigned && BeginRamp("It sent for the first time.", now);

    /// <summary>The ramp is done; the reputation must be known for that.</summary>
    public bool CompleteWarmup(DeliveryCounts numbers, AddressOptions options, DateTimeOffset now) => Status == AddressStatus.Warming
        && now - WarmingStarted >= TimeSpan.FromDays(options.WarmupDays) && numbers.Health(options.MinimumSends) >= DeliveryCounts.Fair
        && Become(AddressStatus.Warmed, $"{options.WarmupDays} days of warmup are done.", numbers, now);

    /// <summary>No more domains are put on it, and it sends less.</summary>
    public bool Degrade(string reason, DeliveryCounts numbers, DateTimeOffset now) =>
        Status is AddressStatus.Warming or AddressStatus.Warmed && Become(AddressStatus.Degraded, reason, numbers, now);

    public bool Recover(DeliveryCounts numbers, AddressOptions options, DateTimeOffset now) => Status == AddressStatus.Degraded
        && IsCleanFor(options.CleanDays, now) && Become(AddressStatus.Warmed, $"{options.CleanDays} days without a fault.", numbers, now);

    /// <summary>It carries no customer's mail any more.</summary>
    public bool Quarantine(string reason, DeliveryCounts? numbers, DateTimeOffset now)
    {
        var allowed = Status is not (AddressStatus.Quarantined or AddressStatus.Burned) && Become(AddressStatus.Quarantined, reason, numbers, now);
        QuarantineCount += allowed ? 1 : 0;
        return allowed;
    }

    /// <summary>It may warm anew.</summary>
    public bool EndQuarantine(AddressOptions options, DateTimeOffset now) => Status == AddressStatus.Quarantined
        && QuarantineCount < MostQuarantines && IsCleanFor(options.QuarantineDays, now)
        && BeginRamp($"{options.QuarantineDays} days of quarantine without a fault.", now);

    /// <summary>Back into the pool, to be warmed anew: no domain uses it.</summary>
    public bool Release(string reason, DateTimeOffset now)
    {
        var allowed = Status is AddressStatus.Assigned or AddressStatus.Warming or AddressStatus.Warmed && AssignedCount == 0
            && Become(AddressStatus.Available, reason, null, now);
        WarmingStarted = allowed ? null : WarmingStarted;
        return allowed;
    }

    /// <summary>Retired for ever.</summary>
    public bool Burn(string reason, DateTimeOffset now) => Status != AddressStatus.Burned && Become(AddressStatus.Burned, reason, null, now);

    /// <summary>From now on for one tenant alone, or shared again. What is on it already must fit.</summary>
    public void DedicateTo(Guid? tenantId) => DedicatedTenantId = tenantId;

    private bool BeginRamp(string reason, DateTimeOffset now)
    {
        WarmingStarted = now;
        return Become(AddressStatus.Warming, reason, null, now);
    }

    private bool IsCleanFor(int days, DateTimeOffset now) => now - CleanSince >= TimeSpan.FromDays(days);

    private bool Become(AddressStatus status, string reason, DeliveryCounts? numbers, DateTimeOffset now)
    {
        (Status, StatusSince, CleanSince) = (status, now, null);
        _history.Add(new AddressRecord
        {
            // What one look changes twice is of one instant: the ids say what came first.
            Id = Guid.CreateVersion7(now.AddMilliseconds(_history.Count)),
            SmtpIpAddressId = Id,
            Checked = now,
            Status = status,
            ReputationState = ReputationState,
            Reason = reason,
            Health = numbers is { Sent: > 0 } ? numbers.Health(1) : null,
            Sent = numbers?.Sent ?? 0,
            Bounced = numbers?.Bounced ?? 0,
            Complained = numbers?.Complained ?? 0,
            Opened = numbers?.Opened ?? 0,
            Clicked = numbers?.Clicked ?? 0,
            Listings = ProviderBlacklistStatus,
        });
        return true;
    }
}
