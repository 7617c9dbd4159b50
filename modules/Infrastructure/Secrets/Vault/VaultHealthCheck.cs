using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>Whether Vault is there and unsealed. Without it the host is degraded, never unhealthy: a restart would mend nothing.</summary>
internal sealed class VaultHealthCheck(VaultApi api) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken ct = default)
    {
        // A standby passes requests on.
        var answer = await api.SendAsync(HttpMethod.Get, "sys/health?standbyok=true&perfstandbyok=true", null, null, ct);
        return answer.IsSuccess ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus);
    }
}
