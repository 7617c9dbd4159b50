using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>How much of a limit is used.</summary>
/// <param name="Allowed">Null is unlimited.</param>
internal sealed record MetricUsage(PlanLimit Limit, long Used, long? Allowed)
{
    /// <summary>With one decimal, rounded down: 100 is reached and not nearly so. Null where there is no limit.</summary>
    public decimal? Percent => Allowed switch
    {
        null => null,
        0 => Used == 0 ? 0 : 100,
        { } allowed => Math.Truncate(1000m * Used / allowed) / 10,
    };
}
