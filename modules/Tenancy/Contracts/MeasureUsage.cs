using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>
/// Asks each module how much of the plan's limits the current tenant uses: it answers for what it owns by <see cref="Add"/>, and once
/// published, <see cref="Used"/> has them all.
/// </summary>
/// <param name="month">The first day of the month (UTC) that what is limited by month is counted of; the rest is counted as it is now.</param>
public sealed class MeasureUsage(DateOnly month) : INotification
{
    private readonly Dictionary<PlanLimit, long> _used = [];

    /// <summary>In the units of <see cref="PlanLimit"/>.</summary>
    public IReadOnlyDictionary<PlanLimit, long> Used => _used;

    /// <summary>When the month begins.</summary>
    public DateTimeOffset From => new(month.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);

    /// <summary>When the month is over.</summary>
    public DateTimeOffset Until => From.AddMonths(1);

    /// <summary>The answer for a limit, which one module gives.</summary>
    /// <exception cref="ArgumentException">It was given already.</exception>
    public void Add(PlanLimit limit, long used) => _used.Add(limit, used);
}
