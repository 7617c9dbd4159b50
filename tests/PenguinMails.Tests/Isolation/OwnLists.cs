using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns;
using PenguinMails.Campaigns.Data;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Isolation;

/// <summary>A new tenant's context over some lead lists of its own, named "list 0" and so on.</summary>
internal sealed class OwnLists : IAsyncDisposable
{
    private readonly HostFixture _host;

    private OwnLists(HostFixture host, Guid tenantId)
    {
        _host = host;
        TenantId = tenantId;
        Scope = host.ScopeOf(tenantId);
        Db = Scope.ServiceProvider.GetRequiredService<CampaignsDb>();
    }

    public Guid TenantId { get; }

    public AsyncServiceScope Scope { get; }

    public CampaignsDb Db { get; }

    public IReadOnlyList<Guid> Ids { get; private set; } = [];

    public static async Task<OwnLists> MakeAsync(HostFixture host, int count, CancellationToken ct)
    {
        var tenantId = Guid.CreateVersion7();
        await using var administrator = await host.AdministratorAsync(ct);
        await administrator.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenantId}', 'Some Company')", ct);
        var lists = new OwnLists(host, tenantId);
        var rows = Enumerable.Range(0, count).Select(number => lists.NewList($"list {number}")).ToList();
        lists.Db.Lists.AddRange(rows);
        await lists.Db.SaveChangesAsync(ct);
        lists.Db.ChangeTracker.Clear();
        lists.Ids = [.. rows.Select(row => row.Id)];
        return lists;
    }

    public LeadList NewList(string name, Guid? id = null, Guid? tenantId = null) =>
        new() { Id = id ?? Guid.CreateVersion7(), TenantId = tenantId ?? TenantId, Name = name };

    /// <summary>The names that are in the database, as its administrator sees them.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var administrator = await _host.AdministratorAsync(ct);
        return await administrator.ListAsync<string>($"SELECT name FROM lead_lists WHERE tenant_id = '{TenantId}' ORDER BY name", ct);
    }

    public ValueTask DisposeAsync() => Scope.DisposeAsync();
}
