using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Staff;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Tests.Staff;

public sealed class FeatureFlagTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void A_rollout_is_stable_grows_without_taking_away_and_reaches_its_share()
    {
        var tenants = Enumerable.Range(0, 2000).Select(_ => Guid.CreateVersion7()).ToList();
        var shares = Enumerable.Range(0, 101).Select(percentage => OnAt("a.feature", percentage)).ToList();

        foreach (var (smaller, larger) in shares.Zip(shares.Skip(1)))
        {
            smaller.IsSubsetOf(larger).ShouldBeTrue();
        }

        (shares[0].Count, shares[100].Count).ShouldBe((0, 2000));
        shares[30].Count.ShouldBeInRange(480, 720);
        OnAt("a.feature", 30).SetEquals(shares[30]).ShouldBeTrue();
        OnAt("another.feature", 30).SetEquals(shares[30]).ShouldBeFalse();

        HashSet<Guid> OnAt(string key, int percentage)
        {
            var flag = new FeatureFlag { Id = Guid.CreateVersion7(), Key = key, IsEnabled = true, RolloutPercentage = percentage };
            return [.. tenants.Where(tenant => flag.IsOnFor(tenant))];
        }
    }

    [Fact]
    public async Task A_flag_is_made_changed_overridden_and_deleted_and_each_holds_at_once()
    {
        var (admin, tenant, other) = (await host.AStaffMemberAsync(role: 2, Ct), await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var key = $"feature.{Guid.CreateVersion7():N}";
        var (path, own) = ($"staff/feature-flags/{key}", $"staff/feature-flags/{key}/overrides/{tenant.TenantId}");
        (await IsOnAsync(key, tenant)).ShouldBeFalse();

        var flag = await admin.PostAsync("staff/feature-flags", new { Key = key, Description = "New", IsEnabled = true, RolloutPercentage = 100 }, Ct);
        (flag.Text("key"), flag.Number("rolloutPercentage"), flag["updatedBy"]!.GetValue<Guid>()).ShouldBe((key, 100, admin.UserId));
        (await IsOnAsync(key, tenant)).ShouldBeTrue();
        (await KeysAsync(tenant)).ShouldContain(key);

        await PutAsync(own, new { IsEnabled = false });
        ((await IsOnAsync(key, tenant)), (await IsOnAsync(key, other))).ShouldBe((false, true));
        (await KeysAsync(tenant)).ShouldNotContain(key);
        var listed = (await admin.GetAsync($"{path}/overrides", Ct))["items"]!.AsArray().ShouldHaveSingleItem()!;
        (listed["tenantId"]!.GetValue<Guid>(), listed["isEnabled"]!.GetValue<bool>()).ShouldBe((tenant.TenantId, false));

        var changed = await PutAsync(path, new { Description = "Old", IsEnabled = false, RolloutPercentage = 100 });
        changed.Text("description").ShouldBe("Old");
        await PutAsync(own, new { IsEnabled = true });
        ((await IsOnAsync(key, tenant)), (await IsOnAsync(key, other))).ShouldBe((true, false));
        (await admin.GetAsync(path, Ct)).ToJsonString().ShouldBe(changed.ToJsonString());

        (await admin.Http.DeleteAsync(own, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await IsOnAsync(key, tenant)).ShouldBeFalse();
        (await admin.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        foreach (var gone in new[] { path, own })
        {
            await (await admin.Http.DeleteAsync(gone, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        }

        (await host.QueryAsync("SELECT action FROM audit_log WHERE resource_id = $1 AND action LIKE 'flags.%' ORDER BY created", Ct, key))
            .ShouldBe(["flags.create", "flags.override", "flags.update", "flags.override", "flags.remove_override", "flags.delete"]);
        (await host.QueryAsync("SELECT metadata ->> 'is_enabled' FROM audit_log WHERE resource_id = $1 AND action = 'flags.update'", Ct, key)).ShouldBe(["True -> False"]);

        async Task<JsonNode> PutAsync(string where, object body) => await (await admin.Http.PutAsJsonAsync(where, body, Ct)).ReadAsync(Ct);
    }

    [Fact]
    public async Task What_is_no_flag_or_no_tenant_is_refused()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);
        var key = $"feature.{Guid.CreateVersion7():N}";
        await admin.PostAsync("staff/feature-flags", new { Key = key }, Ct);

        await (await admin.Http.PostAsJsonAsync("staff/feature-flags", new { Key = key }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await (await admin.Http.PostAsJsonAsync("staff/feature-flags", new { Key = "Not A Key", RolloutPercentage = 101 }, Ct))
            .ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["key", "rolloutPercentage"]);
        await (await admin.Http.PutAsJsonAsync($"staff/feature-flags/{key}/overrides/{Guid.CreateVersion7()}", new { IsEnabled = true }, Ct))
            .ProblemAsync(HttpStatusCode.NotFound, Ct);
        foreach (var path in new[] { "staff/feature-flags/none", "staff/feature-flags/none/overrides" })
        {
            await (await admin.Http.GetAsync(path, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        }

        await (await admin.Http.PutAsJsonAsync("staff/feature-flags/none", new { IsEnabled = true, RolloutPercentage = 1 }, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    private async Task<bool> IsOnAsync(string key, TenantClient tenant)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        return await scope.ServiceProvider.GetRequiredService<ISender>().Send(new IsFeatureEnabled(key), Ct);
    }

    private static async Task<IReadOnlyList<string>> KeysAsync(TenantClient tenant) =>
        [.. (await tenant.GetAsync("feature-flags", Ct))["items"]!.AsArray().Select(key => key!.GetValue<string>())];
}
