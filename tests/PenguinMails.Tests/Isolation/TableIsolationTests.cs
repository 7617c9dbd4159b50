using Npgsql;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Isolation;

/// <summary>Every table that knows whose its rows are, found in the catalogue, as the host's role meets it.</summary>
public sealed class TableIsolationTests(TwoTenants tenants) : IClassFixture<TwoTenants>
{
    // The events of somebody who has not logged in yet, and a person's session before a tenant is chosen.
    private static readonly string[] TakesRowsOfNobody = ["audit_log", "security_events", "user_sessions"];

    // Row level security without an owner: settings, addresses, servers and Stripe's events are the platform's own.
    private static readonly string[] Platforms = ["ip_reputation_history", "smtp_ip_addresses", "stripe_events", "system_config", "vps_instances"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Finds_the_tables_and_both_tenants_have_a_row_in_each()
    {
        tenants.Owned.Count().ShouldBeGreaterThan(40);
        tenants.Tables.Where(table => table.IsProtected && table.Owner is null).Select(table => table.Name).ShouldBe(Platforms);
        foreach (var table in tenants.Owned)
        {
            var both = await tenants.Administrator.ListAsync<Guid>(
                $"SELECT DISTINCT {table.Owner} FROM {table.Name} WHERE {IsOf(table, tenants.A)} OR {IsOf(table, tenants.B)}", Ct);
            both.ShouldBe([tenants.A.OwnerOf(table), tenants.B.OwnerOf(table)], ignoreOrder: true, table.Name);
        }
    }

    [Fact]
    public async Task A_tenant_reads_its_own_rows_and_no_others()
    {
        await using var connection = await tenants.AsAAsync(Ct);
        var leaks = new List<string>();
        foreach (var table in tenants.Owned)
        {
            var own = await Attempt.CountAsync(connection, $"{table.Name} WHERE {IsOf(table, tenants.A)}", Ct);
            var others = await Attempt.CountAsync(connection, $"{table.Name} WHERE ({IsMine(table)}) IS NOT TRUE AND {IsNoDefault(table)}", Ct);
            var isRight = table.AppReads ? own.Rows > 0 && others is { Rows: 0, Error: null } : own.IsDenied && others.IsDenied;
            leaks.AddRange(isRight ? [] : [$"{table.Name}: own {own}, others' {others}"]);
        }

        leaks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tenant_reads_the_default_tags_and_cannot_change_them()
    {
        await using var connection = await tenants.AsAAsync(Ct);

        (await Attempt.CountAsync(connection, "tags WHERE tenant_id IS NULL AND is_default", Ct)).Rows.ShouldBeGreaterThan(4);
        (await Attempt.ChangeAsync(connection, "UPDATE tags SET value = value || '!' WHERE is_default", Ct)).ShouldBe(new Attempt(0, null));
        (await Attempt.ChangeAsync(connection, "DELETE FROM tags WHERE is_default", Ct)).ShouldBe(new Attempt(0, null));
    }

    [Fact]
    public async Task A_tenant_changes_and_deletes_no_row_of_another()
    {
        await using var connection = await tenants.AsAAsync(Ct);
        var leaks = new List<string>();
        foreach (var table in tenants.Owned)
        {
            // Not only B's: those of nobody, too.
            var others = $"({IsMine(table)}) IS NOT TRUE";
            var update = await Attempt.ChangeAsync(connection, $"UPDATE {table.Name} SET {table.Owner} = {table.Owner} WHERE {others}", Ct);
            var delete = await Attempt.ChangeAsync(connection, $"DELETE FROM {table.Name} WHERE {others}", Ct);
            leaks.AddRange(update.CameToNothing && delete.CameToNothing ? [] : [$"{table.Name}: update {update}, delete {delete}"]);
        }

        leaks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tenant_inserts_no_row_for_another()
    {
        await using var connection = await tenants.AsAAsync(Ct);
        var leaks = new List<string>();
        foreach (var table in tenants.Owned)
        {
            var values = new Dictionary<string, string>(await tenants.B.DraftAsync(table, ofNobody: false, Ct));
            var insert = await Attempt.InsertAsync(connection, table, values, Ct);
            leaks.AddRange(insert.IsDenied ? [] : [$"{table.Name}: {insert}"]);
            if (table.HasTenant && values.ContainsKey("user_id"))
            {
                // A's user may not make itself at home at B, either.
                values["user_id"] = tenants.A.UserId.ToString();
                insert = await Attempt.InsertAsync(connection, table, values, Ct);
                leaks.AddRange(insert.IsDenied ? [] : [$"{table.Name} for the own user: {insert}"]);
            }
        }

        leaks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tenant_inserts_rows_of_nobody_into_three_tables_only()
    {
        await using var connection = await tenants.AsAAsync(Ct);
        var taken = new List<string>();
        foreach (var table in tenants.Owned.Where(table => table.MayLackTenant))
        {
            var values = new Dictionary<string, string>(await tenants.A.DraftAsync(table, ofNobody: true, Ct));
            if (table.Columns.Any(column => column.Name == "is_default"))
            {
                values["is_default"] = "true";
            }

            var insert = await Attempt.InsertAsync(connection, table, values, Ct);
            (insert.Error is null || insert.IsDenied).ShouldBeTrue($"{table.Name}: {insert}");
            taken.AddRange(insert.IsDenied ? [] : [table.Name]);
        }

        taken.ShouldBe(TakesRowsOfNobody);
    }

    [Fact]
    public async Task A_tenant_moves_no_row_of_its_own_to_another()
    {
        await using var connection = await tenants.AsAAsync(Ct);
        var leaks = new List<string>();
        foreach (var table in tenants.Owned)
        {
            var move = await Attempt.ChangeAsync(
                connection, $"UPDATE {table.Name} SET {table.Owner} = '{tenants.B.OwnerOf(table)}' WHERE {IsOf(table, tenants.A)}", Ct);
            // The trigger that stands for a foreign key speaks before the policy does.
            var isRefused = move.IsDenied || (table.Name is "template_tags" or "lead_tags" or "content.inbox_thread_tags" && move.Error == PostgresErrorCodes.ForeignKeyViolation);
            leaks.AddRange(isRefused ? [] : [$"{table.Name}: {move}"]);
        }

        leaks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Without_a_scope_there_are_no_rows_and_no_error(string? setting)
    {
        await using var connection = await tenants.AsAppAsync(setting, setting, Ct);
        var leaks = new List<string>();
        foreach (var table in tenants.Owned)
        {
            var seen = await Attempt.CountAsync(connection, $"{table.Name} WHERE {IsNoDefault(table)}", Ct);
            var update = await Attempt.ChangeAsync(connection, $"UPDATE {table.Name} SET {table.Owner} = {table.Owner}", Ct);
            var delete = await Attempt.ChangeAsync(connection, $"DELETE FROM {table.Name}", Ct);
            var isRight = (table.AppReads ? seen is { Rows: 0, Error: null } : seen.IsDenied) && update.CameToNothing && delete.CameToNothing;
            leaks.AddRange(isRight ? [] : [$"{table.Name}: select {seen}, update {update}, delete {delete}"]);
        }

        leaks.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_row_of_one_tenant_cannot_refer_to_a_row_of_another()
    {
        // As the administrator: the keys hold by themselves, whatever the policies let through.
        var keys = tenants.Owned.Where(table => table.HasTenant)
            .SelectMany(table => table.References.Select(key => (Table: table, Key: key)))
            .Where(pair => tenants.Owned.Any(target => target.Name == pair.Key.Target && target.HasTenant))
            .ToList();
        var leaks = new List<string>();
        foreach (var (table, key) in keys)
        {
            var places = Enumerable.Range(0, key.Columns.Length).Where(place => key.Columns[place] != "tenant_id");
            var values = places.Select(place => $"{key.Columns[place]} = '{tenants.B.ValueOf(key.Target, key.TargetColumns[place])}'");
            var update = await Attempt.ChangeAsync(
                tenants.Administrator, $"UPDATE {table.Name} SET {string.Join(", ", values)} WHERE {IsOf(table, tenants.A)}", Ct);
            leaks.AddRange(update.Error == PostgresErrorCodes.ForeignKeyViolation ? [] : [$"{table.Name}.{key.Name}: {update}"]);
        }

        keys.Count.ShouldBeGreaterThan(30);
        leaks.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_platforms_own_tables_are_closed_to_tenants()
    {
        await using var connection = await tenants.AsAAsync(Ct);
        await tenants.Administrator.ExecuteAsync(
            """
            INSERT INTO system_config (key, value, is_sensitive) VALUES ('isolation.open', '1', false), ('isolation.sensitive', '1', true)
            ON CONFLICT DO NOTHING
            """,
            Ct);

        (await Attempt.CountAsync(connection, "system_config WHERE key = 'isolation.open'", Ct)).Rows.ShouldBe(1);
        (await Attempt.CountAsync(connection, "system_config WHERE is_sensitive", Ct)).ShouldBe(new Attempt(0, null));
        (await Attempt.ChangeAsync(connection, "UPDATE system_config SET is_sensitive = false", Ct)).IsDenied.ShouldBeTrue();
        (await Attempt.CountAsync(connection, "stripe_events", Ct)).IsDenied.ShouldBeTrue();
    }

    private static string IsOf(Table table, RowMaker rows) => $"{table.Owner} = '{rows.OwnerOf(table)}'";

    // A person's session belongs to the person, too, before a tenant is chosen.
    private string IsMine(Table table) =>
        table.Name == "user_sessions" ? $"{IsOf(table, tenants.A)} OR user_id = '{tenants.A.UserId}'" : IsOf(table, tenants.A);

    private static string IsNoDefault(Table table) => table.Name == "tags" ? "NOT is_default" : "true";
}
