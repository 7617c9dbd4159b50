using Npgsql;

namespace PenguinMails.Tests.Schema;

/// <summary>The migrated database beside one made by the seed's own DDL.</summary>
public sealed class CatalogueTests(HostFixture host)
{
    // Given by the database, or by the clock.
    private static readonly HashSet<string> Volatile = ["id", "created", "updated", "last_updated"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Holds_every_fact_of_the_seed_but_the_listed_deviations()
    {
        await using var database = new ScratchDatabase(host);
        await using var seed = await LoadSeedAsync(database);
        await using var migrated = await host.AdministratorAsync(Ct);
        var asked = await Catalogue.StructureAsync(seed, Ct);
        var there = await Catalogue.StructureAsync(migrated, Ct);

        asked.Keys.Count(fact => fact.StartsWith("table ", StringComparison.Ordinal)).ShouldBe(34);
        var missing = asked.Where(fact => there.GetValueOrDefault(fact.Key) != fact.Value)
            .Select(fact => $"{fact.Key}: {fact.Value} -> {there.GetValueOrDefault(fact.Key, "missing")}").ToList();
        missing.Except(SeedDeviations.All).ShouldBeEmpty("the seed has these facts, the migrated database has not");
        SeedDeviations.All.Except(missing).ShouldBeEmpty("these deviations no longer occur: take them off the list");
    }

    [Fact]
    public async Task Holds_every_row_of_the_seed()
    {
        await using var database = new ScratchDatabase(host);
        await using var seed = await LoadSeedAsync(database);
        await using var migrated = await host.AdministratorAsync(Ct);
        var missing = new List<string>();
        var found = 0;
        var tables = await seed.ListAsync<string>(
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace", Ct);
        foreach (var table in tables)
        {
            var columns = await ColumnsAsync(seed, table);
            var asked = await RowsAsync(seed, table, columns);
            found += asked.Count;
            missing.AddRange(asked.Except(await RowsAsync(migrated, table, columns)).Select(row => $"{table}: {row}"));
        }

        found.ShouldBe(12, "eight pools and four documents");
        missing.ShouldBeEmpty();
    }

    private async Task<NpgsqlConnection> LoadSeedAsync(ScratchDatabase database)
    {
        await using var script = GetType().Assembly.GetManifestResourceStream("reference.sql")!;
        using var reader = new StreamReader(script);
        await database.CreateAsync(Ct);
        var connection = await database.OpenAsync(Ct);
        await connection.ExecuteAsync(await reader.ReadToEndAsync(Ct), Ct);
        return connection;
    }

    private static async Task<string> ColumnsAsync(NpgsqlConnection seed, string table)
    {
        var columns = await seed.ListAsync<string>(
            $"SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 ORDER BY attnum", Ct);
        return string.Join(", ", columns.Except(Volatile));
    }

    private static Task<IReadOnlyList<string>> RowsAsync(NpgsqlConnection connection, string table, string columns) =>
        connection.ListAsync<string>($"SELECT to_jsonb(r)::text FROM (SELECT {columns} FROM {table}) r", Ct);
}
