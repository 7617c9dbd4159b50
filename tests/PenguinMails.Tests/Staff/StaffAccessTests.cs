using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tests.Staff;

/// <summary>Every endpoint for staff, found in the routes: who may, who may not, and what is recorded.</summary>
public sealed partial class StaffAccessTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private sealed record StaffRoute(string Method, string Path, IReadOnlyList<string> Permissions)
    {
        public string Action => $"{Method} {Path["/api/v1".Length..]}";
    }

    private IReadOnlyList<StaffRoute> Routes =>
    [
        .. host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => new StaffRoute(
                endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET",
                "/" + endpoint.RoutePattern.RawText!.TrimStart('/'),
                [.. endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).OfType<string>().Where(Permissions.All.Contains)]))
            .Where(route => route.Path.StartsWith("/api/v1/staff/", StringComparison.Ordinal)).DistinctBy(route => route.Action),
    ];

    [Fact]
    public void Every_endpoint_for_staff_asks_for_a_permission()
    {
        Routes.Count.ShouldBeGreaterThan(25);
        Routes.Where(route => route.Permissions.Count == 0).Select(route => route.Action).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_permissions_of_the_code_are_those_of_the_table() =>
        (await host.QueryAsync("SELECT name FROM permissions", Ct)).ShouldBe(Permissions.All, ignoreOrder: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_role_opens_what_its_permissions_say_and_each_opened_request_is_in_the_audit_log(int role)
    {
        var person = await host.AStaffMemberAsync(role, Ct);
        var own = await host.QueryAsync(
            "SELECT p.name FROM staff_role_permissions r JOIN permissions p ON p.id = r.permission_id WHERE r.role_id = $1", Ct, role);
        var wrong = new List<string>();
        foreach (var route in Routes)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Parse(route.Method), new Uri(new Uri(host.Url), Part().Replace(route.Path, _ => Guid.CreateVersion7().ToString())));
            request.Content = route.Method == "GET" ? null : JsonContent.Create(new { });
            using var answer = await person.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
            var isOpen = answer.StatusCode != HttpStatusCode.Forbidden
                || (await answer.Content.ReadAsStringAsync(Ct)).Contains("elevated access", StringComparison.Ordinal);
            wrong.AddRange(isOpen == route.Permissions.All(own.Contains) ? [] : [$"{route.Action} answered {(int)answer.StatusCode}"]);
        }

        wrong.ShouldBeEmpty();
        var recorded = await host.QueryAsync("SELECT DISTINCT action FROM audit_log WHERE actor_user_id = $1 AND action LIKE '% /staff/%'", Ct, person.UserId);
        recorded.ShouldBe(Routes.Where(route => route.Permissions.All(own.Contains)).Select(route => route.Action), ignoreOrder: true);
    }

    [Fact]
    public async Task Staff_without_two_factors_are_told_that_they_need_them()
    {
        var (person, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.QueryAsync("INSERT INTO staff_members (user_id, role_id) VALUES ($1, 1)", Ct, person.UserId);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(person.UserId), Ct);

        var refusal = await (await person.Http.GetAsync("staff/members", Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct);
        refusal.Text("title").ShouldContain("two factors");
        refusal = await (await stranger.Http.GetAsync("staff/members", Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct);
        refusal.Text("title").ShouldBe("Your role does not allow this.");

        await person.WithTwoFactorsAsync(Ct);
        (await person.GetAsync("staff/members", Ct))["items"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_request_about_a_tenant_names_it_in_the_audit_log_and_the_tenant_sees_that_staff_looked()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct));

        await staff.GetAsync($"staff/tenants/{tenant.TenantId}", Ct);

        (await host.QueryAsync(
            "SELECT action, resource_type, resource_id, ip_address IS NOT NULL, elevation_id FROM audit_log WHERE actor_user_id = $1 AND tenant_id = $2",
            Ct, staff.UserId, tenant.TenantId)).ShouldBe([$"GET /staff/tenants/{{tenantId}}|tenants|{tenant.TenantId}|True|"]);
        var seen = await tenant.GetAsync("security-events?eventType=staff_cross_tenant_read", Ct);
        seen["items"]!.AsArray().ShouldHaveSingleItem()!["userId"]!.GetValue<Guid>().ShouldBe(staff.UserId);
    }

    [Fact]
    public async Task A_tenant_that_is_not_there_is_recorded_as_asked_for_and_answered_404()
    {
        var (staff, nobody) = (await host.AStaffMemberAsync(role: 2, Ct), Guid.CreateVersion7());

        await (await staff.Http.GetAsync($"staff/tenants/{nobody}", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);

        (await host.QueryAsync("SELECT tenant_id, resource_id FROM audit_log WHERE actor_user_id = $1", Ct, staff.UserId)).ShouldBe([$"|{nobody}"]);
    }

    [Fact]
    public async Task An_API_key_with_every_scope_opens_nothing_for_staff()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        await host.PutOnPlanAsync(staff, "business", Ct);
        JsonNode key = await staff.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:write" } }, Ct);
        using var program = host.Anonymous();
        program.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));

        (await program.GetAsync("staff/members", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Part();
}
