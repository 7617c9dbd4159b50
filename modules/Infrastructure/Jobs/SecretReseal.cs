using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Moves secrets that are sealed in the database into Vault where one is configured, else seals anew what an old key has sealed.</summary>
internal sealed class SecretReseal(PlatformDatabase platform, PlatformDb<InfrastructureDb> own, IServiceScopeFactory scopes, IServiceProvider services)
    : IRecurringJob
{
    private const string Purpose = "secret-reseal";

    public async Task RunAsync(CancellationToken ct)
    {
        var owners = await platform.ColumnAsync<Guid>(
            Purpose, "SELECT DISTINCT coalesce(tenant_id, '00000000-0000-0000-0000-000000000000') FROM secrets WHERE ciphertext IS NOT NULL", ct);
        await Sweep.EachApartAsync(owners, owner => owner == Guid.Empty ? OwnAsync(ct) : OfTenantAsync(owner, ct), ct);
    }

    private async Task OfTenantAsync(Guid tenantId, CancellationToken ct)
    {
        await using var scope = scopes.CreateTenantScope(tenantId);
        await scope.ServiceProvider.GetRequiredService<SecretStore>().RenewAsync(tenantId, ct);
    }

    private async Task OwnAsync(CancellationToken ct)
    {
        await using var db = own.Open(Purpose);
        await ActivatorUtilities.CreateInstance<SecretStore>(services, db).RenewAsync(tenantId: null, ct);
    }
}
