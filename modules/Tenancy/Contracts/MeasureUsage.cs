using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>
/// Asks each module how much of the plan's limits the current tenant uses: it answers for what it owns by <see cref="Add"/>, and once
/// published, <see cref="Used"/> has them all.
/// </summary>
/// <param name="month">Of which what is limited by month is counted; the rest is counted as it is now.</param>
public sealed class MeasureUsage(UsageMonth month) : INotification
{
    private readonly Dictionary<PlanLimit, long> _used = [];

    /// <summary>In the units of <see cref="PlanLimit"/>.</summary>
    public IReadOnlyDictionary<PlanLimit, long> Used => _used;

    public UsageMonth Month { get; } = month;

    /// <summary>The answer for a limit, which one module gives.</summary>
    /// <exception cref="ArgumentException">It was given already.</exception>
    public void Add(PlanLimit limit, long used) => _used.Add(limit, used);
}
