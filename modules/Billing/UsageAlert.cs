using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>What a tenant has last been told of how much of a limit it uses.</summary>
internal sealed class UsageAlert
{
    private static readonly int[] Levels = [100, 95, 80];

    public required Guid TenantId { get; init; }
    public required PlanLimit Metric { get; init; }

    /// <summary>In percent.</summary>
    public required int Level { get; init; }
    public required DateTimeOffset Raised { get; init; }

    /// <summary>The highest level that is reached; null below all.</summary>
    /// <param name="percent">Null where there is no limit.</param>
    public static int? LevelOf(decimal? percent) => Levels.Cast<int?>().FirstOrDefault(level => percent >= level);

    /// <summary>Names the matter among the tenant's notifications.</summary>
    public static string KeyOf(PlanLimit metric, int level) => $"usage:{SnakeCase.Of(metric)}:{level}";
}
