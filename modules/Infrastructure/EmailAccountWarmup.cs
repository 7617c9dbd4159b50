using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Warmup;

namespace PenguinMails.Infrastructure;

/// <summary><c>Warmed</c>: the ramp is done, and the daily limit alone holds.</summary>
internal enum WarmupStatus
{
    None,
    Warming,
    Paused,
    Warmed,
}

/// <summary>
/// A mailbox's health and warmup. The warmup caps the tenant's own mail, week by week less tightly; no mail is made up between
/// mailboxes of ours, which large providers forbid and detect.
/// </summary>
internal sealed partial class EmailAccount
{
    /// <summary>How long a warmup takes at least.</summary>
    public const int WarmupDays = 28;

    /// <summary>Health is of so many days, today among them.</summary>
    public const int HealthDays = 7;

    private const decimal WarmedHealth = 90;
    private const decimal FairHealth = 70;

    /// <summary>When the ramp began, moved on by the time that the warmup was paused; null: no ramp.</summary>
    public DateTimeOffset? RampStarted { get; private set; }
    public WarmupStatus WarmupStatus { get; private set; }
    public DateTimeOffset? WarmupHeld { get; private set; }

    /// <summary>Until when the warmup has been reckoned up.</summary>
    public DateTimeOffset? LastWarmed { get; private set; }

    /// <summary>0 to 100, and 100 while nothing is known.</summary>
    public decimal Health { get; private set; } = 100;
    public int HealthSends { get; private set; }
    public DateOnly? JudgedFrom { get; private set; }

    /// <summary>Null while too little was sent to say.</summary>
    public decimal? KnownHealth => HealthSends >= MailboxBrakes.Enough ? Health : null;

    /// <summary>Takes one of the plan's warmups.</summary>
    public bool IsInWarmup => WarmupStatus is WarmupStatus.Warming or WarmupStatus.Paused;

    /// <summary>So ill that its warmup is paused.</summary>
    public bool IsTooIllToWarm => KnownHealth < FairHealth;

    /// <summary>What it may send on the day of <paramref name="at"/>.</summary>
    public int CapAt(DateTimeOffset at) => MailboxRamp.LimitAt(RampStarted, Health, DailyLimit, at);

    /// <summary>The same, where no warmup has begun as if one began now.</summary>
    public int PlannedAt(DateTimeOffset at, DateTimeOffset now) =>
        WarmupStatus == WarmupStatus.None ? MailboxRamp.LimitAt(now, Health, DailyLimit, at) : CapAt(at);

    /// <summary>1 on the first day of the warmup; null while none runs.</summary>
    public int? WarmupDayAt(DateTimeOffset now) => RampStarted is { } started ? (int)((WarmupHeld ?? now) - started).TotalDays + 1 : null;

    /// <summary>Begins the ramp, or goes on where it was paused; a warmup that is done begins anew.</summary>
    public void Warm(DateTimeOffset now)
    {
        HoldRamp(now);
        RampStarted = IsInWarmup ? RampStarted : now;
        (WarmupStatus, WarmupHeld) = (WarmupStatus.Warming, null);
    }

    /// <summary>The ramp stays where it is.</summary>
    /// <returns>False where none runs.</returns>
    public bool PauseWarmup(DateTimeOffset now)
    {
        if (!IsInWarmup)
        {
            return false;
        }

        WarmupHeld ??= now;
        WarmupStatus = WarmupStatus.Paused;
        return true;
    }

    /// <summary>From now on the daily limit alone holds.</summary>
    public void StopWarmup() => (WarmupStatus, WarmupHeld, RampStarted) = (WarmupStatus.None, null, null);

    /// <summary>Time that passes in a pause does not count.</summary>
    public void HoldRamp(DateTimeOffset now)
    {
        if (WarmupHeld is { } held)
        {
            (RampStarted, WarmupHeld) = (RampStarted + (now - held), now);
        }
    }

    /// <summary>Takes over what the last days say, and ends the ramp when it is done.</summary>
    /// <param name="days">The last <see cref="HealthDays"/>.</param>
    public void Judge(IReadOnlyCollection<WarmupDay> days, DateTimeOffset now)
    {
        var counts = DeliveryCounts.Of(days);
        (Health, HealthSends) = (counts.Health(MailboxBrakes.Enough) ?? 100, counts.Sent);
        HoldRamp(now);
        if (WarmupStatus != WarmupStatus.Warming)
        {
            return;
        }

        // Nor does time count in which the mailbox sends nothing at all.
        RampStarted += Status == EmailAccountStatus.Active ? TimeSpan.Zero : now - (LastWarmed ?? now);
        LastWarmed = now;
        if (now - RampStarted >= TimeSpan.FromDays(WarmupDays) && KnownHealth > WarmedHealth)
        {
            (WarmupStatus, RampStarted) = (WarmupStatus.Warmed, null);
        }
    }

    /// <summary>Stops where the numbers ask for it.</summary>
    /// <param name="days">The last days, of which the brakes look at their own.</param>
    /// <returns>What was done; null: nothing.</returns>
    public Brake? ApplyBrakes(IReadOnlyCollection<WarmupDay> days, DateTimeOffset now)
    {
        var brake = BrakeAt(days, now) ?? HealthBrake();
        if (brake is null || !(brake.Suspends ? Suspend(brake.Reason) : Pause(brake.Reason)))
        {
            return null;
        }

        PauseWarmup(now);
        return brake;
    }

    /// <summary>What would stop it at once if it were resumed.</summary>
    public Brake? BrakeAt(IEnumerable<WarmupDay> days, DateTimeOffset now)
    {
        var from = DateOnly.FromDateTime(now.UtcDateTime).AddDays(1 - MailboxBrakes.Days);
        return MailboxBrakes.For([.. days.Where(day => day.Day >= from && !(day.Day < JudgedFrom))]);
    }

    private Brake? HealthBrake() => WarmupStatus == WarmupStatus.Warming && IsTooIllToWarm
        ? new Brake(false, $"Its health is {Health:0}, too low for a warmup.")
        : null;
}
