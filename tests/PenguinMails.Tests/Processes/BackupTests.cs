using System.Net;
using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Processes;

/// <summary>The README's commands for a backup and for its restore, onto a server that has never seen the platform.</summary>
public sealed class BackupTests(OwnStores stores) : IClassFixture<OwnStores>
{
    // What says who may do what to which rows: each table's owner, protection, grants and place, and each policy.
    private const string Protection = """
        SELECT c.oid::regclass::text, pg_get_userbyid(c.relowner), c.relkind, c.relrowsecurity, c.relforcerowsecurity, pg_get_expr(c.relpartbound, c.oid),
            (SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(c.relacl) acl)
        FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'S') AND c.relnamespace::regnamespace::text IN ('public', 'content', 'olap', 'hangfire')
        UNION ALL
        SELECT schemaname || '.' || tablename || ' ' || policyname, array_to_string(roles, ' '), cmd::"char", permissive = 'PERMISSIVE', NULL, qual, with_check FROM pg_policies
        UNION ALL
        SELECT p.oid::regprocedure::text, pg_get_userbyid(p.proowner), p.prokind, p.prosecdef, NULL, array_to_string(p.proconfig, ' '),
            (SELECT string_agg(acl::text, ' ' ORDER BY acl::text) FROM unnest(p.proacl) acl)
        FROM pg_proc p WHERE p.pronamespace::regnamespace::text IN ('public', 'content', 'olap')
        UNION ALL
        SELECT rolname, array_to_string(rolconfig, ' '), NULL, rolsuper, rolbypassrls, rolcanlogin::text,
            (SELECT string_agg(m.roleid::regrole::text, ' ' ORDER BY m.roleid::regrole::text) FROM pg_auth_members m WHERE m.member = r.oid)
        FROM pg_roles r WHERE rolname LIKE 'penguinmails%'
        ORDER BY 1, 2, 3, 6
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_restored_database_has_the_same_protection_and_a_host_goes_on_with_it()
    {
        DataDirectory.NeedsUnix();
        var tools = await PostgresTools.FindAsync(stores.Binaries, Ct);
        await using var there = new OwnStores();
        await there.InitializeAsync();
        var (files, from, to) = (stores.HostDirectory, DatabaseOf(stores), DatabaseOf(there));
        TenantClient tenant, other;
        await using (var host = await stores.StartHostAsync(Ct, $"--ConnectionStrings:penguinmails={from}"))
        {
            tenant = await host.ATenantAsync(Ct);
            other = await host.ATenantAsync(Ct);
            await tenant.AListAsync(20, Ct);
            await other.AListAsync(10, Ct);

            // In the midst of its work.
            await tools.RunAsync("pg_dumpall", Ct, "--dbname", UriOf(from, "postgres"), "--roles-only", "--no-role-passwords", "--file", $"{files}/roles.sql");
            await tools.RunAsync("pg_dump", Ct, "--dbname", UriOf(from, "penguinmails"), "--format=custom", "--file", $"{files}/penguinmails.dump");
        }

        await tools.RunAsync("psql", Ct, "--dbname", UriOf(to, "postgres"), "--quiet", "--file", $"{files}/roles.sql");
        await tools.RunAsync("pg_restore", Ct, "--dbname", UriOf(to, "postgres"), "--create", "--exit-on-error", $"{files}/penguinmails.dump");

        (await ScratchDatabase.MigrateAsync(OwnStores.RolesOf(to), Ct)).ShouldBe(0);
        var protection = await ProtectionAsync(to);
        protection.ShouldBe(await ProtectionAsync(from));
        protection.Count(row => row.Contains("|p|True|True|", StringComparison.Ordinal)).ShouldBeGreaterThan(2);
        await using var host2 = await there.StartHostAsync(Ct, $"--ConnectionStrings:penguinmails={to}");
        await IsOnlyTheirsAsync(host2.For(tenant), 20, host2.For(other));
        await IsOnlyTheirsAsync(host2.For(other), 10, host2.For(tenant));
        using var anonymous = new HttpClient { BaseAddress = new Uri($"{host2.Url}/api/v1/") };
        await anonymous.LogInAsync(tenant.Email, Ct);
        await NobodySeesWithoutATenantAsync(to);
    }

    private static async Task IsOnlyTheirsAsync(TenantClient tenant, int leads, TenantClient other)
    {
        var own = (await tenant.GetAsync("leads?limit=200", Ct))["items"]!.AsArray();
        own.Count.ShouldBe(leads);
        (await other.Http.GetAsync($"leads/{own[0]!.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.Http.GetAsync($"leads/{own[0]!.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task NobodySeesWithoutATenantAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(OwnStores.RolesOf(connectionString).For(DatabaseRoles.App));
        await connection.OpenAsync(Ct);
        (await connection.ScalarAsync<long>("SELECT count(*) FROM leads", Ct)).ShouldBe(0);
    }

    private static async Task<IReadOnlyList<string>> ProtectionAsync(string connectionString)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync(Ct);
        return await connection.RowsAsync(Protection, Ct);
    }

    private static string DatabaseOf(OwnStores stores) =>
        new NpgsqlConnectionStringBuilder(stores.ConnectionString) { Database = "penguinmails" }.ConnectionString;

    private static string UriOf(string connectionString, string database)
    {
        var options = new NpgsqlConnectionStringBuilder(connectionString);
        return $"postgresql://{options.Username}:{options.Password}@{options.Host}:{options.Port}/{database}";
    }
}
