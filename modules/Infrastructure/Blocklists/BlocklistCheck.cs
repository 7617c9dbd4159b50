using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Outbound;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Blocklists;

/// <summary>Asks the blocklists about addresses and domains, and keeps what they say. Lists that fail their self-test are not asked.</summary>
internal sealed class BlocklistCheck(
    BlocklistLookup lookup, BlocklistNotices notices, PlatformDb<InfrastructureDb> platform, IServiceScopeFactory scopes,
    IOptions<BlocklistOptions> options, IOptions<DnsOptions> dns, TimeProvider clock)
{
    private const string Purpose = "blocklists";

    /// <summary>Tests each list, and keeps how it did.</summary>
    /// <returns>The lists that can be asked.</returns>
    public async Task<IReadOnlyList<Blocklist>> SelfTestAsync(CancellationToken ct)
    {
        var results = await Task.WhenAll(options.Value.InUse.Select(async list => (List: list, Fault: await lookup.SelfTestAsync(list, ct))));
        await using var db = platform.Open(Purpose);
        foreach (var (list, fault) in results)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO blocklists (name, fault, checked) VALUES ({list.Name}, {fault}, {clock.GetUtcNow()})
                ON CONFLICT (name) DO UPDATE SET fault = excluded.fault, checked = excluded.checked
                """, ct);
            await notices.TestedAsync(list, fault, ct);
        }

        return [.. results.Where(result => result.Fault is null).Select(result => result.List)];
    }

    /// <summary>Checks the platform's addresses that are on the public internet and not burned.</summary>
    /// <param name="only">One of them; null: all.</param>
    public async Task CheckAddressesAsync(IReadOnlyList<Blocklist> usable, Guid? only, CancellationToken ct)
    {
        var lists = usable.Where(list => list.Kind == BlocklistKind.Address).ToList();
        await using var db = platform.Open(Purpose);
        var addresses = await db.SmtpIpAddresses
            .Where(address => address.Status != AddressStatus.Burned && (only == null || address.Id == only))
            .Select(address => new { address.Id, address.IpAddress, address.ProviderBlacklistStatus }).ToListAsync(ct);
        await Sweep.EachApartAsync(addresses.Where(address => IsPublic(address.IpAddress)), async address =>
        {
            var found = await AskAsync(lists, address.IpAddress, ct);
            await notices.FoundAsync(address.Id, address.IpAddress, address.ProviderBlacklistStatus, found, tenantId: null, ct);
            var listings = address.ProviderBlacklistStatus.With(found, clock.GetUtcNow());
            await db.SmtpIpAddresses.Where(row => row.Id == address.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.ProviderBlacklistStatus, listings), ct);
        }, ct);
    }

    /// <summary>Checks the domains of a tenant.</summary>
    public async Task CheckDomainsAsync(IReadOnlyList<Blocklist> usable, Guid tenantId, CancellationToken ct)
    {
        var lists = usable.Where(list => list.Kind == BlocklistKind.Domain).ToList();
        await using var scope = scopes.CreateTenantScope(tenantId);
        var db = scope.ServiceProvider.GetRequiredService<InfrastructureDb>();
        var domains = await db.Domains.Select(domain => new { domain.Id, domain.Name, domain.BlacklistStatus }).ToListAsync(ct);
        // Lists of domains have what was registered: names below it are listed with it, and not on their own.
        await Sweep.EachApartAsync(domains.Where(domain => !dns.Value.Trusts(domain.Name)), async domain =>
        {
            var found = await AskAsync(lists, PublicSuffixes.Registrable(domain.Name), ct);
            await notices.FoundAsync(domain.Id, domain.Name, domain.BlacklistStatus, found, tenantId, ct);
            var listings = domain.BlacklistStatus.With(found, clock.GetUtcNow());
            await db.Domains.Where(row => row.Id == domain.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.BlacklistStatus, listings), ct);
        }, ct);
    }

    private static bool IsPublic(string address) => IPAddress.TryParse(address, out var parsed) && PublicAddress.Is(parsed);

    private async Task<IReadOnlyList<(Blocklist List, Verdict Verdict)>> AskAsync(List<Blocklist> lists, string subject, CancellationToken ct)
    {
        var found = new (Blocklist, Verdict)[lists.Count];
        await Parallel.ForAsync(
            0, lists.Count, new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallelism, CancellationToken = ct },
            async (place, token) => found[place] = (lists[place], await lookup.AskAsync(lists[place], subject, token)));
        return found;
    }
}
