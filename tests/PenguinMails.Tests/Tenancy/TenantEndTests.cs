using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Tenancy.Jobs;

namespace PenguinMails.Tests.Tenancy;

/// <summary>A tenant's data leaves with it, and the law's part stays.</summary>
public sealed class TenantEndTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_export_holds_every_table_of_the_tenant_and_nothing_of_another_and_no_secret()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await tenant.AListAsync(250, Ct);
        await tenant.AMailboxAsync(Ct);
        await other.AListAsync(3, Ct);
        await tenant.PostAsync("companies", new { Name = "Quote \"and\", comma" }, Ct);

        var files = await ExportAsync(tenant);

        files.Keys.ShouldContain("tenant.json");
        JsonNode.Parse(files["tenant.json"])!.Id().ShouldBe(tenant.TenantId);
        files["leads.csv"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(251);
        files["companies.csv"].ShouldContain("\"Quote \"\"and\"\", comma\"");
        files["users.csv"].ShouldContain(tenant.Email);
        var all = string.Concat(files.Values);
        all.ShouldNotContain(other.TenantId.ToString());
        all.ShouldNotContain(other.Email);
        // Neither a column for it nor its text: sealed keys and hashes stay.
        foreach (var secret in new[] { "ciphertext", "key_hash", "token_hash", "password_hash", "PRIVATE KEY" })
        {
            all.ShouldNotContain(secret);
        }

        var tables = await host.QueryAsync("""
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND has_table_privilege('penguinmails_app', c.oid, 'SELECT')
            """, Ct);
        tables.Count.ShouldBeGreaterThan(30);
        tables.Select(table => $"{table}.csv").Except(files.Keys).ShouldBeEmpty();
        (await host.QueryAsync("SELECT count(*) FROM security_events WHERE tenant_id = $1 AND event_type = 'data_exported'", Ct, tenant.TenantId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_member_exports_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        var member = await host.AColleagueAsync(tenant, "member", Ct);

        (await member.Http.GetAsync("tenant-export", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_deleted_tenant_is_closed_at_once_and_purged_later_but_for_what_the_law_keeps()
    {
        var (tenant, bystander) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await FillAsync(tenant);
        await bystander.AListAsync(3, Ct);
        await host.ImportsClearedAsync(bystander.TenantId, Ct);
        var before = await RowsAsync(bystander);

        var answer = await DeleteAsync(tenant, "Some Company", Given.Password);
        (await answer.ReadAsync(Ct))["deleteAfter"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await host.QueryAsync("UPDATE tenants SET delete_after = now() - interval '1 second' WHERE id = $1", Ct, tenant.TenantId);
        await PurgeAsync();

        (await RowsAsync(tenant)).Keys.Order(StringComparer.Ordinal).ShouldBe(["companies", "payments", "security_events", "subscriptions", "suppressions"]);
        (await host.QueryAsync("SELECT t.name, c.name, c.postal_address FROM tenants t JOIN companies c ON c.tenant_id = t.id WHERE t.id = $1", Ct, tenant.TenantId))
            .ShouldBe(["Deleted tenant|Deleted company|"]);
        (await host.QueryAsync("SELECT email, length(email_hash) FROM suppressions WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["|32"]);
        (await RowsAsync(bystander)).ShouldBe(before);
        // The person is still somebody, who belongs nowhere now.
        var http = host.Anonymous();
        (await http.LogInAsync(tenant.Email, Ct))["tenantId"].ShouldBeNull();
        (await (await http.GetAsync("tenants", Ct)).ReadAsync(Ct))["items"]!.AsArray().ShouldBeEmpty();
        (await http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("Some Company", "a-wrong-password", "password")]
    [InlineData("Another Company", Given.Password, "name")]
    public async Task Deleting_asks_for_the_password_and_the_name(string name, string password, string field)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await DeleteAsync(tenant, name, password);

        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe([field]);
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Only_an_owner_deletes_a_tenant()
    {
        var tenant = await host.ATenantAsync(Ct);
        var admin = await host.AColleagueAsync(tenant, "admin", Ct);

        (await DeleteAsync(admin, "Some Company", Given.Password)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static Task<HttpResponseMessage> DeleteAsync(TenantClient tenant, string name, string password) =>
        tenant.Http.PostAsJsonAsync("tenant/deletion", new { Name = name, Password = password }, Ct);

    private async Task PurgeAsync()
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<PurgeTenants>().RunAsync(Ct);
    }

    // Something of most kinds, a payment and a suppression among it.
    private async Task FillAsync(TenantClient tenant)
    {
        await tenant.AListAsync(5, Ct);
        await tenant.AMailboxAsync(Ct);
        await tenant.PostAsync("templates", new { Name = "T", Subject = "S", Content = "<p>C</p>" }, Ct);
        await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);
        await host.QueryAsync("INSERT INTO suppressions (tenant_id, email_hash, email, reason) VALUES ($1, sha256('a@b.test'), 'a@b.test', 'manual')", Ct, tenant.TenantId);
        await host.QueryAsync("""
            INSERT INTO payments (tenant_id, subscription_id, amount, status) SELECT tenant_id, id, 49, 'succeeded' FROM subscriptions WHERE tenant_id = $1
            """, Ct, tenant.TenantId);
    }

    // The tables that hold rows of the tenant, and how many.
    private async Task<IReadOnlyDictionary<string, string>> RowsAsync(TenantClient tenant)
    {
        var rows = new Dictionary<string, string>();
        foreach (var table in await host.QueryAsync("""
            SELECT c.oid::regclass::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
            WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
            """, Ct))
        {
            var count = (await host.QueryAsync($"SELECT count(*) FROM {table} WHERE tenant_id = $1", Ct, tenant.TenantId)).Single();
            if (count != "0")
            {
                rows[table] = count;
            }
        }

        return rows;
    }

    private static async Task<Dictionary<string, string>> ExportAsync(TenantClient tenant)
    {
        var answer = await tenant.Http.GetAsync("tenant-export", Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync(Ct), ZipArchiveMode.Read);
        var files = new Dictionary<string, string>();
        foreach (var entry in zip.Entries)
        {
            using var reader = new StreamReader(await entry.OpenAsync(Ct));
            files[entry.FullName] = await reader.ReadToEndAsync(Ct);
        }

        return files;
    }
}
