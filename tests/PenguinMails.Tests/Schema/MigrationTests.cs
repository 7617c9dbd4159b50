using Microsoft.Extensions.Logging.Abstractions;
using PenguinMails.Host;
using PenguinMails.Host.Jobs;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Schema;

public sealed class MigrationTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Changes_nothing_the_second_time()
    {
        await using var scratch = new ScratchDatabase(host);
        (await scratch.MigrateAsync(Ct)).ShouldBeGreaterThan(0);
        var (first, history) = await StateAsync(scratch);

        (await scratch.MigrateAsync(Ct)).ShouldBe(0);
        var (second, historyAfter) = await StateAsync(scratch);

        Differences(first, second).ShouldBeEmpty();
        historyAfter.ShouldBe(history);
    }

    [Fact]
    public async Task Two_at_once_make_one_complete_schema()
    {
        await using var scratch = new ScratchDatabase(host);

        // The migrator works synchronously once it has the lock.
        var applied = await Task.WhenAll(
            Task.Run(() => scratch.MigrateAsync(Ct), Ct), Task.Run(() => scratch.MigrateAsync(Ct), Ct), Task.Run(() => scratch.MigrateAsync(Ct), Ct));

        var (schema, history) = await StateAsync(scratch);
        applied.Order().ShouldBe([0, 0, history.Count(row => row.Contains(".sql", StringComparison.Ordinal))]);
        await using var alone = new ScratchDatabase(host);
        await alone.MigrateAsync(Ct);
        Differences((await StateAsync(alone)).Schema, schema).ShouldBeEmpty();
    }

    [Fact]
    public async Task Refuses_an_edited_migration_by_its_name()
    {
        await using var scratch = new ScratchDatabase(host);
        await scratch.MigrateAsync(Ct);
        const string edited = "V20261124_01__tenancy.sql";
        await using var connection = await scratch.OpenAsync(Ct);
        (await connection.ExecuteAsync($"UPDATE schema_migrations SET checksum = 'another' WHERE name = '{edited}'", Ct)).ShouldBe(1);

        var refusal = await Should.ThrowAsync<MigrationRefusedException>(scratch.MigrateAsync(Ct));

        refusal.Message.ShouldContain(edited);
    }

    [Fact]
    public async Task Refuses_when_an_applied_migration_is_gone()
    {
        await using var scratch = new ScratchDatabase(host);
        await scratch.MigrateAsync(Ct);
        var migrator = new DatabaseMigrator(scratch.Connections, NullLogger<DatabaseMigrator>.Instance);

        var refusal = await Should.ThrowAsync<MigrationRefusedException>(
            migrator.MigrateAsync([.. Modules.Assemblies.SkipLast(1)], HangfireSchema.InstallAsync, Ct));

        refusal.Message.ShouldContain("campaigns");
    }

    private static IEnumerable<string> Differences(IReadOnlyList<string> before, IReadOnlyList<string> after) =>
        before.Except(after).Select(fact => $"- {fact}").Concat(after.Except(before).Select(fact => $"+ {fact}"));

    private static async Task<(IReadOnlyList<string> Schema, IReadOnlyList<string> History)> StateAsync(ScratchDatabase scratch)
    {
        await using var connection = await scratch.OpenAsync(Ct);
        return (
            await Catalogue.DumpAsync(connection, Ct),
            await connection.ListAsync<string>("SELECT m::text FROM schema_migrations m ORDER BY id", Ct));
    }
}
