using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PenguinMails.Shared.Database;

/// <summary>Whether the primary pool, as it is at the moment, reaches PostgreSQL.</summary>
public sealed class DatabaseHealthCheck(ConnectionPools pools) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken ct = default)
    {
        await using var command = pools.Get(PoolName.Primary).CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync(ct);
        return HealthCheckResult.Healthy();
    }
}
