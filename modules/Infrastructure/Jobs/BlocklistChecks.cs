using PenguinMails.Infrastructure.Blocklists;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Asks the blocklists about all addresses and domains.</summary>
internal sealed class BlocklistChecks(BlocklistCheck check, PlatformDatabase platform) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        var usable = await check.SelfTestAsync(ct);
        await check.CheckAddressesAsync(usable, only: null, ct);
        var tenants = await platform.ColumnAsync<Guid>("blocklists", "SELECT DISTINCT tenant_id FROM domains", ct);
        await Sweep.EachApartAsync(tenants, tenant => check.CheckDomainsAsync(usable, tenant, ct), ct);
    }
}
