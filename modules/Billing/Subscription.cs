using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

internal enum SubscriptionStatus
{
    Active,
    PastDue,
    Canceled,
    Unpaid,
}

internal enum BillingInterval
{
    Month,
    Year,
}

internal static class BillingIntervals
{
    extension(BillingInterval interval)
    {
        public int Months => interval == BillingInterval.Year ? 12 : 1;

        /// <summary>When a period that begins then is over.</summary>
        public DateTimeOffset After(DateTimeOffset from) => from.AddMonths(interval.Months);
    }
}

/// <summary>
/// A tenant's plan and how it stands with its payment. A tenant has one that is not canceled, at most. What moves it answers false,
/// and changes nothing, where it is in no state to be moved so.
/// </summary>
internal sealed class Subscription
{
    /// <summary>How long a late payment is waited for before the tenant is read-only.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    /// <summary>How long a tenant can still read what it has after its subscription has ended.</summary>
    public static readonly TimeSpan ReadOnlyTime = TimeSpan.FromDays(90);

    /// <summary>How long before a smaller plan begins it is seen whether it still fits: at Stripe it begins by itself.</summary>
    public static readonly TimeSpan ChangeNotice = TimeSpan.FromHours(1);

    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public Guid PlanId { get; private set; }
    public Plan Plan { get; private set; } = null!;

    /// <summary>The plan it goes down to when the period ends.</summary>
    public Guid? PendingPlanId { get; private set; }
    public SubscriptionStatus Status { get; private set; }
    public BillingInterval BillingInterval { get; private set; }
    public DateTimeOffset? CurrentPeriodStart { get; private set; }
    public DateTimeOffset? CurrentPeriodEnd { get; private set; }
    public bool CancelAtPeriodEnd { get; private set; }
    public DateTimeOffset? PastDueSince { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? Canceled { get; private set; }
    public string? StripeSubscriptionId { get; private set; }
    public bool IsAtStripe => StripeSubscriptionId is not null;
    public DateTimeOffset? StripeApplied { get; private set; }
    public SubscriptionStatus ToldStatus { get; private set; }
    public DateTimeOffset? PurgeHanded { get; private set; }

    /// <summary>PostgreSQL's own version of the row: of two that change it at once, one is refused.</summary>
    public uint Version { get; private set; }

    public List<SubscriptionAddon> Addons { get; } = [];

    /// <summary>Whether it gives what the plan promises: a late payment has its days of grace, an unpaid one is read-only.</summary>
    public bool IsInForce => Status is SubscriptionStatus.Active or SubscriptionStatus.PastDue;

    public int DedicatedAddresses => Addons.Where(addon => addon is { IsActive: true, AddonType: AddonType.DedicatedIp }).Sum(addon => addon.Quantity);

    /// <summary>What a plan, this one's or another, allows together with this one's add-ons; null is unlimited.</summary>
    public long? AllowedOn(Plan plan, PlanLimit limit, BillingOptions options) => plan.LimitOf(limit) is { } own
        ? own + Addons.Where(addon => addon.IsActive && addon.AddonType.Raises == limit).Sum(addon => addon.Quantity * options.UnitOf(addon.AddonType))
        : null;

    /// <summary>An active one for a month from now, without Stripe and without a payment.</summary>
    public static Subscription Start(Guid tenantId, Guid planId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = tenantId,
        PlanId = planId,
        Status = SubscriptionStatus.Active,
        CurrentPeriodStart = now,
        CurrentPeriodEnd = now.AddMonths(1),
    };

    /// <summary>One after another that has ended; what it is, its first payment or Stripe says.</summary>
    public static Subscription Renewed(Guid tenantId, Guid planId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        TenantId = tenantId,
        PlanId = planId,
        Status = SubscriptionStatus.Unpaid,
        ToldStatus = SubscriptionStatus.Canceled,
    };

    /// <summary>Whether its period is over and nobody but us looks after what comes next: Stripe does so for its own.</summary>
    public bool IsDue(DateTimeOffset now) => !IsAtStripe && CurrentPeriodEnd <= now
        && (Status == SubscriptionStatus.Active || (Status != SubscriptionStatus.Canceled && CancelAtPeriodEnd));

    /// <summary>Whether another plan begins within the hour: it is the time to see whether it may. At Stripe it has begun once the time is there.</summary>
    public bool IsChanging(DateTimeOffset now) => Status == SubscriptionStatus.Active && PendingPlanId is not null
        && CurrentPeriodEnd <= now + ChangeNotice && (!IsAtStripe || CurrentPeriodEnd > now);

    /// <summary>How much of its period is still to come, 0 to 1.</summary>
    public decimal RestOfPeriod(DateTimeOffset now) => CurrentPeriodEnd is { } end && CurrentPeriodStart is { } start && end > now
        ? (decimal)(end - now).Ticks / (end - (start < now ? start : now)).Ticks
        : 0;

    /// <summary>active to past_due: what was due could not be charged.</summary>
    public bool FailPayment(DateTimeOffset now)
    {
        if (Status != SubscriptionStatus.Active)
        {
            return false;
        }

        (Status, PastDueSince) = (SubscriptionStatus.PastDue, now);
        return true;
    }

    /// <summary>past_due to unpaid, once the days of grace are over.</summary>
    public bool RunOutOfGrace(DateTimeOffset now)
    {
        if (Status != SubscriptionStatus.PastDue || PastDueSince + Grace > now)
        {
            return false;
        }

        Status = SubscriptionStatus.Unpaid;
        return true;
    }

    /// <summary>active, past_due or unpaid to active, with a period that is paid for. A pending plan begins with the period.</summary>
    public bool Pay(DateTimeOffset from, DateTimeOffset until)
    {
        if (Status == SubscriptionStatus.Canceled)
        {
            return false;
        }

        if (from >= CurrentPeriodEnd && PendingPlanId is { } next)
        {
            (PlanId, PendingPlanId) = (next, null);
        }

        (Status, PastDueSince) = (SubscriptionStatus.Active, null);
        (CurrentPeriodStart, CurrentPeriodEnd) = (from, until);
        return true;
    }

    /// <summary>A plan that was paid for anew, in any state but canceled.</summary>
    public bool Buy(Guid planId, BillingInterval interval, DateTimeOffset from, DateTimeOffset until)
    {
        if (Status == SubscriptionStatus.Canceled)
        {
            return false;
        }

        (PlanId, BillingInterval, PendingPlanId, CancelAtPeriodEnd) = (planId, interval, null, false);
        return Pay(from, until);
    }

    /// <summary>Ends with the period, not before.</summary>
    public bool CancelAtEnd()
    {
        var isNews = Status != SubscriptionStatus.Canceled && !CancelAtPeriodEnd;
        CancelAtPeriodEnd |= isNews;
        return isNews;
    }

    /// <summary>Goes on after all.</summary>
    public bool Resume()
    {
        var isNews = Status != SubscriptionStatus.Canceled && CancelAtPeriodEnd;
        CancelAtPeriodEnd &= !isNews;
        return isNews;
    }

    /// <summary>Any but canceled to canceled, which is for good: whoever comes back has a new one.</summary>
    public bool End(DateTimeOffset now)
    {
        if (Status == SubscriptionStatus.Canceled)
        {
            return false;
        }

        (Status, Canceled) = (SubscriptionStatus.Canceled, now);
        (CancelAtPeriodEnd, PendingPlanId, PastDueSince) = (false, null, null);
        Addons.ForEach(addon => addon.IsActive = false);
        return true;
    }

    /// <summary>Another plan or interval at once. Not while a payment is late: it comes first.</summary>
    public bool Upgrade(Guid planId, BillingInterval interval)
    {
        if (Status != SubscriptionStatus.Active)
        {
            return false;
        }

        (PlanId, BillingInterval, PendingPlanId) = (planId, interval, null);
        return true;
    }

    /// <summary>A smaller plan when the period ends; the plan itself takes a pending one back.</summary>
    public bool Downgrade(Guid planId)
    {
        if (Status != SubscriptionStatus.Active)
        {
            return false;
        }

        PendingPlanId = planId == PlanId ? null : planId;
        return true;
    }

    /// <summary>What Stripe told before it answered a change of ours says nothing of that change.</summary>
    public void Answered(DateTimeOffset at) => StripeApplied = at < StripeApplied ? StripeApplied : at;

    /// <summary>Stands as Stripe says, unless something newer is known. A grace that is over stays over until it is paid.</summary>
    /// <returns>False where it is older than what the subscription stands as.</returns>
    public bool Follow(StripeSnapshot snapshot)
    {
        if (snapshot.At < StripeApplied)
        {
            return false;
        }

        (StripeSubscriptionId, StripeApplied) = (snapshot.Id, snapshot.At);
        if (Status == SubscriptionStatus.Canceled)
        {
            return true;
        }

        FollowPlan(snapshot);
        (CurrentPeriodStart, CurrentPeriodEnd, CancelAtPeriodEnd) = (snapshot.PeriodStart, snapshot.PeriodEnd, snapshot.CancelAtPeriodEnd);
        FollowStatus(snapshot);
        return true;
    }

    // Stripe has the smaller plan's price from the day it is asked for; here it begins with the period that is billed so.
    private void FollowPlan(StripeSnapshot snapshot)
    {
        var isNext = snapshot.PeriodStart >= CurrentPeriodEnd;
        var isAhead = snapshot.PlanId == PendingPlanId && !isNext;
        // The price of what was asked for may be no plan's any more.
        if ((snapshot.PlanId ?? (isNext ? PendingPlanId : null)) is { } plan && (isNext || (plan != PlanId && !isAhead)))
        {
            (PlanId, PendingPlanId) = (plan, null);
        }

        BillingInterval = snapshot.Interval;
    }

    private void FollowStatus(StripeSnapshot snapshot)
    {
        switch (snapshot.Status)
        {
            case SubscriptionStatus.Active:
                (Status, PastDueSince) = (SubscriptionStatus.Active, null);
                break;
            // A date is there while Stripe still tries what is late: past its grace it stays unpaid.
            case SubscriptionStatus.PastDue when PastDueSince is null:
                (Status, PastDueSince) = (SubscriptionStatus.PastDue, snapshot.At);
                break;
            // Stripe has given up: what is late after this, is late anew.
            case SubscriptionStatus.Unpaid:
                (Status, PastDueSince) = (SubscriptionStatus.Unpaid, null);
                break;
            case SubscriptionStatus.Canceled:
                End(snapshot.At);
                break;
        }
    }
}

/// <summary>A subscription as Stripe has it.</summary>
/// <param name="PlanId">Ours, by its price; null where the price is of no plan.</param>
/// <param name="At">When it stood so, by Stripe's clock.</param>
internal sealed record StripeSnapshot(
    string Id, SubscriptionStatus Status, Guid? PlanId, BillingInterval Interval, DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd,
    bool CancelAtPeriodEnd, DateTimeOffset At);
