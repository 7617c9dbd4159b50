using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Billing;

/// <summary>Plans and subscriptions that tests put tenants on.</summary>
internal static class PlanGiven
{
    /// <summary>A tenant on a plan of its own that is not on sale: what is not named is unlimited.</summary>
    public static async Task<TenantClient> ATenantOnAsync(this HostFixture host, CancellationToken ct, params (string Column, int Limit)[] limits)
    {
        var tenant = await host.ATenantAsync(ct);
        await host.PutOnOwnPlanAsync(tenant, ct, limits);
        return tenant;
    }

    /// <summary>Puts the tenant on such a plan.</summary>
    public static async Task PutOnOwnPlanAsync(this HostFixture host, TenantClient tenant, CancellationToken ct, params (string Column, int Limit)[] limits)
    {
        var slug = SlugOf(tenant);
        var columns = string.Concat(limits.Select(limit => $", {limit.Column}"));
        var values = string.Concat(limits.Select(limit => string.Create(CultureInfo.InvariantCulture, $", {limit.Limit}")));
        var all = string.Concat(limits.Select(limit => string.Create(CultureInfo.InvariantCulture, $", {limit.Column} = {limit.Limit}")));
        await host.QueryAsync(
            $"INSERT INTO plans (name, slug, is_active{columns}) VALUES ('Small', $1, false{values}) ON CONFLICT (slug) DO UPDATE SET name = 'Small'{all}", ct, slug);
        await host.PutOnPlanAsync(tenant, slug, ct);
    }

    public static string SlugOf(TenantClient tenant) => $"small-{tenant.TenantId:N}";

    public static Task AddOnAsync(this HostFixture host, TenantClient tenant, string type, int quantity, CancellationToken ct, bool isActive = true) => host.QueryAsync(
        """
        INSERT INTO subscription_addons (id, tenant_id, subscription_id, addon_type, quantity, is_active)
        SELECT gen_random_uuid()::text, tenant_id, id, $2, $3, $4 FROM subscriptions WHERE tenant_id = $1
        """, ct, tenant.TenantId, type, quantity, isActive);

    public static Task SetStatusAsync(this HostFixture host, TenantClient tenant, string status, CancellationToken ct) =>
        host.QueryAsync("UPDATE subscriptions SET status = $2 WHERE tenant_id = $1", ct, tenant.TenantId, status);

    /// <summary>What a metric is like at GET /usage: used, allowed and percent.</summary>
    public static async Task<string> UsageAsync(this TenantClient tenant, string metric, CancellationToken ct)
    {
        var metrics = (await tenant.GetAsync("usage", ct))["metrics"]!.AsArray();
        var found = metrics.Single(item => item!.Text("metric") == metric)!;
        return $"{found["used"]} of {found["allowed"]?.ToString() ?? "any"}, {found["percent"]?.ToString() ?? "no"} %";
    }

    /// <summary>The problem of a plan that refuses, by its limit.</summary>
    public static async Task<JsonNode> RefusalAsync(this HttpResponseMessage answer, string limit, CancellationToken ct)
    {
        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, ct);
        (problem["limit"]?.ToString()).ShouldBe(limit, problem.ToJsonString());
        return problem;
    }
}
