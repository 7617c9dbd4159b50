using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Renews the advice on the size of each pool.</summary>
internal sealed class PoolOptimisation(PlatformDatabase platform) : IRecurringJob
{
    public Task RunAsync(CancellationToken ct) =>
        platform.ColumnAsync<int>("pool-optimisation", "SELECT 1 FROM optimize_connection_pools()", ct);
}
