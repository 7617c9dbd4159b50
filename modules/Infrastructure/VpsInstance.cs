using PenguinMails.Infrastructure.Servers;

namespace PenguinMails.Infrastructure;

internal enum VpsStatus
{
    Provisioning,

    /// <summary>Only now do new domains come to its addresses.</summary>
    Active,
    ScheduledDecommission,
    Decommissioned,
}

/// <summary>Who wants a server gone, and who may therefore call it off.</summary>
internal enum DecommissionCause
{
    Staff,

    /// <summary>That of the tenant it is dedicated to is no longer in force; a payment calls it off.</summary>
    Subscription,
}

/// <summary>A server that the platform rents (table <c>vps_instances</c>).</summary>
internal sealed class VpsInstance
{
    /// <summary>
    /// How long a provider may take until a server that it was asked for shows in its list. Only then is it asked again, where it is not
    /// there: a second server costs more than an hour.
    /// </summary>
    public static readonly TimeSpan LongestCreation = TimeSpan.FromHours(1);

    public required Guid Id { get; init; }
    public ServerProviderKind Provider { get; init; }
    public string? Region { get; init; }

    /// <summary>Dollars.</summary>
    public decimal? MonthlyCost { get; init; }

    /// <summary>The tenant whose alone it is; null for the shared pool.</summary>
    public Guid? DedicatedTenantId { get; init; }
    public VpsStatus Status { get; private set; } = VpsStatus.Provisioning;

    /// <summary>The provider's own id, whichever provider it is.</summary>
    public string? HostwindsInstanceId { get; private set; }

    /// <summary>The main one.</summary>
    public string? IpAddress { get; private set; }
    public int? HostwindsBillingDay { get; private set; }
    public DateTimeOffset? CurrentBillingPeriodStart { get; private set; }
    public DateTimeOffset? CurrentBillingPeriodEnd { get; private set; }
    public DateTimeOffset? DecommissionScheduledFor { get; private set; }
    public DecommissionCause? DecommissionCause { get; private set; }
    public string? DecommissionReason { get; private set; }
    public DateTimeOffset? CreateRequested { get; private set; }
    public DateTimeOffset? Activated { get; private set; }
    public DateTimeOffset? Decommissioned { get; private set; }
    public DateTimeOffset? LastSynced { get; private set; }
    public string? LastError { get; private set; }
    public DateTimeOffset Created { get; private set; }

    /// <summary>What it is called at the provider: by it a server is found again whose order was not answered.</summary>
    public string Name => $"pm-{Id:N}";

    public static VpsInstance Order(ServerProviderKind provider, string region, decimal monthlyCost, Guid? dedicatedTenantId) => new()
    {
        Id = Guid.CreateVersion7(),
        Provider = provider,
        Region = region,
        MonthlyCost = monthlyCost,
        DedicatedTenantId = dedicatedTenantId,
    };

    /// <summary>Whether the provider was never asked for it, or refused: then the order can be withdrawn.</summary>
    public bool IsUnasked => Status == VpsStatus.Provisioning && HostwindsInstanceId is null && CreateRequested is null;

    /// <summary>Takes the turn to ask the provider for it; the caller saves before it asks.</summary>
    /// <returns>False while an earlier request may still come true.</returns>
    public bool AskFor(DateTimeOffset now)
    {
        if (Status != VpsStatus.Provisioning || HostwindsInstanceId is not null || now - CreateRequested < LongestCreation)
        {
            return false;
        }

        CreateRequested = now;
        return true;
    }

    /// <summary>The provider refused: it may be asked again.</summary>
    public void WasRefused() => CreateRequested = null;

    /// <summary>The provider has it under this id.</summary>
    public void Adopt(string? instanceId) => HostwindsInstanceId ??= instanceId;

    /// <summary>Takes over what the provider says of it. Without a main address it keeps the one it had.</summary>
    /// <returns>Whether the main address is another.</returns>
    public bool Saw(ProviderServer found, DateTimeOffset now)
    {
        LastSynced = now;
        var isMoved = found.Addresses.Count > 0 && found.Addresses[0] != IpAddress;
        IpAddress = isMoved ? found.Addresses[0] : IpAddress;
        return isMoved;
    }

    /// <summary>It is built: its first billing period begins with the day it was created at the provider.</summary>
    public bool Activate(ProviderServer found, DateTimeOffset now)
    {
        if (Status != VpsStatus.Provisioning || !found.IsReady || found.Addresses.Count == 0)
        {
            return false;
        }

        Adopt(found.Id);
        Saw(found, now);
        HostwindsBillingDay = (found.Created ?? now).UtcDateTime.Day;
        Status = VpsStatus.Active;
        Activated = now;
        Renew(now);
        return true;
    }

    /// <summary>Moves an active server on to the billing period that is now.</summary>
    /// <returns>Whether it is another one.</returns>
    public bool Renew(DateTimeOffset now)
    {
        if (Status != VpsStatus.Active || now < CurrentBillingPeriodEnd)
        {
            return false;
        }

        var period = BillingPeriod.At(HostwindsBillingDay ??= now.UtcDateTime.Day, now);
        (CurrentBillingPeriodStart, CurrentBillingPeriodEnd) = (period.Start, period.End);
        return true;
    }

    /// <summary>It is to go when what is paid for ends; until then it serves whom it serves.</summary>
    public bool ScheduleDecommission(DecommissionCause cause, string reason, DateTimeOffset now)
    {
        if (Status != VpsStatus.Active)
        {
            return false;
        }

        Renew(now);
        Status = VpsStatus.ScheduledDecommission;
        DecommissionScheduledFor = CurrentBillingPeriodEnd;
        (DecommissionCause, DecommissionReason) = (cause, reason);
        return true;
    }

    /// <summary>It stays; possible until its date.</summary>
    public bool CancelDecommission(DateTimeOffset now)
    {
        if (Status != VpsStatus.ScheduledDecommission || now >= DecommissionScheduledFor)
        {
            return false;
        }

        Status = VpsStatus.Active;
        (DecommissionScheduledFor, DecommissionCause, DecommissionReason) = (null, null, null);
        return true;
    }

    public bool IsDue(DateTimeOffset now) => Status == VpsStatus.ScheduledDecommission && now >= DecommissionScheduledFor;

    /// <summary>It is given back.</summary>
    public bool Decommission(DateTimeOffset now)
    {
        if (!IsDue(now))
        {
            return false;
        }

        (Status, Decommissioned) = (VpsStatus.Decommissioned, now);
        return true;
    }

    /// <summary>What keeps it from going on; null: nothing any more.</summary>
    public void Note(string? problem) => LastError = problem;
}
