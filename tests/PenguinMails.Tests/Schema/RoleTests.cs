using Npgsql;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Schema;

public sealed class RoleTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(DatabaseRoles.Owner, false)]
    [InlineData(DatabaseRoles.App, true)]
    [InlineData(DatabaseRoles.Platform, true)]
    public async Task May_nothing_that_policies_do_not_bind(string role, bool logsIn)
    {
        await using var administrator = await host.AdministratorAsync(Ct);

        (await administrator.ListAsync(
            $"SELECT rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication FROM pg_roles WHERE rolname = '{role}'",
            row => (bool[])[.. Enumerable.Range(0, 6).Select(row.GetBoolean)], Ct))
            .ShouldHaveSingleItem().ShouldBe([logsIn, false, false, false, false, false]);
    }

    [Theory]
    [InlineData(DatabaseRoles.App)]
    [InlineData(DatabaseRoles.Platform)]
    public async Task Who_logs_in_owns_nothing(string role)
    {
        await using var administrator = await host.AdministratorAsync(Ct);

        (await OwnedAsync(role)).ShouldBe(0);
        (await OwnedAsync(DatabaseRoles.Owner)).ShouldBeGreaterThan(0);

        Task<long> OwnedAsync(string owner) => administrator.ScalarAsync<long>(
            $"SELECT count(*) FROM pg_shdepend WHERE deptype = 'o' AND refclassid = 'pg_authid'::regclass AND refobjid = '{owner}'::regrole", Ct);
    }

    [Theory]
    [InlineData(DatabaseRoles.App)]
    [InlineData(DatabaseRoles.Platform)]
    public async Task Who_logs_in_cannot_become_the_owner(string role)
    {
        await using var connection = await LogInAsync(role);

        (await connection.ScalarAsync<bool>($"SELECT pg_has_role('{role}', '{DatabaseRoles.Owner}', 'MEMBER')", Ct)).ShouldBeFalse();
        await RefusesAsync(connection, $"SET ROLE {DatabaseRoles.Owner}");
        await RefusesAsync(connection, "ALTER TABLE campaigns DISABLE ROW LEVEL SECURITY");
    }

    [Theory]
    [InlineData(DatabaseRoles.App)]
    [InlineData(DatabaseRoles.Platform)]
    public async Task Who_logs_in_makes_no_tables(string role)
    {
        await using var connection = await LogInAsync(role);
        var schemas = await connection.ListAsync<string>(
            "SELECT nspname::text FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'", Ct);

        schemas.ShouldBe(["public", "content", "olap", "hangfire"], ignoreOrder: true);
        foreach (var schema in schemas)
        {
            await RefusesAsync(connection, $"CREATE TABLE {schema}.of_my_own (id integer)");
        }

        await RefusesAsync(connection, "CREATE SCHEMA of_my_own");
    }

    [Fact]
    public async Task The_platforms_role_reads_by_policy_and_not_past_it()
    {
        await using var connection = await LogInAsync(DatabaseRoles.Platform);
        await using var administrator = await host.AdministratorAsync(Ct);
        var tenant = Guid.CreateVersion7();
        await administrator.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenant}', 'T')", Ct);
        await administrator.ExecuteAsync($"INSERT INTO secrets (path, tenant_id, ciphertext) VALUES ('role-test/{tenant}', '{tenant}', '')", Ct);

        (await connection.ExecuteAsync($"DELETE FROM secrets WHERE tenant_id = '{tenant}'", Ct)).ShouldBe(0);
        await RefusesAsync(connection, $"INSERT INTO secrets (path, tenant_id, ciphertext) VALUES ('role-test/x', '{tenant}', '')");
    }

    private async Task<NpgsqlConnection> LogInAsync(string role)
    {
        var connection = new NpgsqlConnection(host.Connections.For(role));
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task RefusesAsync(NpgsqlConnection connection, string sql)
    {
        var refusal = await Should.ThrowAsync<PostgresException>(connection.ExecuteAsync(sql, Ct), sql);
        refusal.SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, sql);
    }
}
