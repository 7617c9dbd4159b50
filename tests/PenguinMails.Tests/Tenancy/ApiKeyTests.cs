using System.Net;
using System.Net.Http.Json;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Tenancy;

public sealed class ApiKeyTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_shown_once_and_kept_as_a_hash()
    {
        var tenant = await TenantAsync();

        var key = await tenant.PostAsync("api-keys", new { Name = "Sync", Scopes = new[] { "leads:read" } }, Ct);

        key.Text("key").ShouldMatch("^pm_live_[0-9A-Za-z]{32}$");
        key.Text("key").ShouldStartWith(key.Text("prefix"));
        var listed = (await tenant.GetAsync("api-keys", Ct)).ToJsonString();
        listed.ShouldContain(key.Text("prefix"));
        listed.ShouldNotContain(key.Text("key"));
        (await host.QueryAsync("SELECT encode(key_hash, 'hex') = encode(sha256(convert_to($1, 'UTF8')), 'hex') FROM api_keys WHERE id = $2", Ct, key.Text("key"), key.Id()))
            .ShouldBe(["True"]);
        (await EventsAsync(tenant, "api_key_created")).ShouldBe(["1"]);
    }

    [Theory]
    [InlineData("X-API-Key", "")]
    [InlineData("Authorization", "Bearer ")]
    public async Task A_key_opens_what_its_scopes_name_and_nothing_else(string header, string before)
    {
        var tenant = await TenantAsync();
        var key = await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read", "templates:write" } }, Ct);
        using var http = Bearing(header, before + key.Text("key"));

        (await http.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.GetAsync("templates", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await http.PostAsJsonAsync("templates", new { Name = "T", Subject = "S", Content = "<p>C</p>" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await (await http.GetAsync("campaigns", Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct)).Text("title").ShouldContain("campaigns:read");
        (await Upload(http)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await host.QueryAsync("SELECT last_used IS NOT NULL FROM api_keys WHERE id = $1", Ct, key.Id())).ShouldBe(["True"]);
    }

    [Theory]
    [InlineData("account")]
    [InlineData("api-keys")]
    [InlineData("tenant-users")]
    [InlineData("tenant-policies")]
    [InlineData("tenant-export")]
    public async Task No_key_reaches_what_is_for_people(string path)
    {
        var tenant = await TenantAsync();
        var key = await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:write" } }, Ct);
        using var http = Bearing("X-API-Key", key.Text("key"));

        (await (await http.GetAsync(path, Ct)).ProblemAsync(HttpStatusCode.Forbidden, Ct)).Text("title").ShouldContain("for people");
    }

    [Fact]
    public async Task A_revoked_key_and_an_ended_session_open_nothing_at_once_on_another_host()
    {
        var tenant = await TenantAsync();
        var key = await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" } }, Ct);
        await using var other = await HostProcess.BesideAsync(host, Ct);
        using var program = new HttpClient { BaseAddress = new Uri($"{other.Url}/api/v1/") };
        program.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));
        var person = other.For(tenant);
        // Known there from now on.
        (await program.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await person.Http.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await tenant.Http.DeleteAsync($"api-keys/{key.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.PostAsync("auth/log-out", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        // The word is on its way to the other host: milliseconds.
        await Given.EventuallyAsync(async () => (await program.GetAsync("leads", Ct)).StatusCode, status => status == HttpStatusCode.Unauthorized, Ct);
        await Given.EventuallyAsync(async () => (await person.Http.GetAsync("leads", Ct)).StatusCode, status => status == HttpStatusCode.Unauthorized, Ct);
        (await EventsAsync(tenant, "api_key_revoked")).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_key_that_has_expired_opens_nothing()
    {
        var tenant = await TenantAsync();
        var key = await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" }, Expires = DateTimeOffset.MaxValue.AddYears(-1) }, Ct);
        await host.QueryAsync("UPDATE api_keys SET expires = now() - interval '1 second' WHERE id = $1", Ct, key.Id());
        using var http = Bearing("X-API-Key", key.Text("key"));

        (await http.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_plan_without_API_access_has_no_keys()
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" } }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Text("title").ShouldContain("Starter");
    }

    [Fact]
    public async Task A_key_opens_nothing_while_the_plan_has_no_API_access()
    {
        var tenant = await TenantAsync();
        var key = await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" }, Expires = "2099-01-01T00:00:00+02:00" }, Ct);
        using var http = Bearing("X-API-Key", key.Text("key"));
        (await http.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);

        await host.PutOnPlanAsync(tenant, "starter", Ct);

        (await http.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Only_an_administrator_makes_keys()
    {
        var tenant = await TenantAsync();
        var member = await host.AColleagueAsync(tenant, "member", Ct);

        (await member.Http.PostAsJsonAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" } }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await member.Http.GetAsync("api-keys", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Refuses_bad_input_by_its_field()
    {
        var tenant = await TenantAsync();

        var answer = await tenant.Http.PostAsJsonAsync("api-keys", new { Name = "", Scopes = new[] { "fish:write" }, Expires = "2001-01-01T00:00:00Z" }, Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["expires", "name", "scopes[0]"]);
    }

    private async Task<TenantClient> TenantAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        return tenant;
    }

    private Task<IReadOnlyList<string>> EventsAsync(TenantClient tenant, string type) =>
        host.QueryAsync("SELECT count(*) FROM security_events WHERE tenant_id = $1 AND event_type = $2", Ct, tenant.TenantId, type);

    private HttpClient Bearing(string header, string value)
    {
        var http = host.Anonymous();
        http.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        return http;
    }

    private static Task<HttpResponseMessage> Upload(HttpClient http) =>
        http.PostAsync("leads/import?list=L", new MultipartFormDataContent { { new StringContent("email\na@b.test\n"), "file", "f.csv" } }, Ct);
}
