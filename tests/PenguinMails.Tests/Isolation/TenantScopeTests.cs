using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PenguinMails.Billing.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Isolation;

/// <summary>The scope that goes before each command, through a module's own context.</summary>
public sealed class TenantScopeTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Queries_see_the_scopes_rows_only()
    {
        await using var mine = await ListsAsync(3);
        await using var theirs = await ListsAsync(2);
        var db = mine.Db;

        (await db.Lists.Select(list => list.Id).ToListAsync(Ct)).ShouldBe(mine.Ids, ignoreOrder: true);
        db.Lists.Select(list => list.Id).ToList().ShouldBe(mine.Ids, ignoreOrder: true);
        (await db.Lists.CountAsync(Ct)).ShouldBe(3);
        db.Lists.Count().ShouldBe(3);
        (await db.Lists.AnyAsync(list => list.Id == theirs.Ids[0], Ct)).ShouldBeFalse();
        db.Lists.Find(theirs.Ids[0]).ShouldBeNull();
        (await db.Lists.FindAsync([mine.Ids[0]], Ct)).ShouldNotBeNull();
        (await theirs.Db.Lists.CountAsync(Ct)).ShouldBe(2);
    }

    [Fact]
    public async Task Raw_queries_see_the_scopes_rows_only()
    {
        await using var mine = await ListsAsync(3);
        await using var theirs = await ListsAsync(2);
        var db = mine.Db;

        (await db.Lists.FromSql($"SELECT * FROM lead_lists WHERE name <> {""}").Select(list => list.Id).ToListAsync(Ct))
            .ShouldBe(mine.Ids, ignoreOrder: true);
        db.Lists.FromSqlRaw("SELECT * FROM lead_lists").Select(list => list.Id).ToList().ShouldBe(mine.Ids, ignoreOrder: true);
        (await db.Database.SqlQuery<Guid>($"SELECT id FROM lead_lists").ToListAsync(Ct)).ShouldBe(mine.Ids, ignoreOrder: true);
        (await db.Database.SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM lead_lists").SingleAsync(Ct)).ShouldBe(3);
        db.Database.SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM lead_lists").Single().ShouldBe(3);
    }

    [Fact]
    public async Task Each_query_of_a_split_include_has_the_scope()
    {
        var mine = await host.ATenantAsync(Ct);
        await host.ATenantAsync(Ct);
        await using var scope = host.ScopeOf(mine.TenantId);
        var subscriptions = scope.ServiceProvider.GetRequiredService<BillingDb>().Subscriptions
            .AsSplitQuery().Include(subscription => subscription.Plan);

        (await subscriptions.ToListAsync(Ct)).ShouldHaveSingleItem().TenantId.ShouldBe(mine.TenantId);
        subscriptions.ToList().ShouldHaveSingleItem().TenantId.ShouldBe(mine.TenantId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Scalars_see_the_scopes_rows_only(bool isAsync)
    {
        await using var mine = await ListsAsync(3);
        await using var theirs = await ListsAsync(2);
        var command = mine.Db.GetService<IRawSqlCommandBuilder>().Build("SELECT count(*) FROM lead_lists");
        var call = new RelationalCommandParameterObject(
            mine.Db.GetService<IRelationalConnection>(), null, null, mine.Db, mine.Db.GetService<IRelationalCommandDiagnosticsLogger>());
        var none = mine.Db.GetService<IRawSqlCommandBuilder>().Build("SELECT id FROM lead_lists WHERE false");

        (isAsync ? await command.ExecuteScalarAsync(call, Ct) : command.ExecuteScalar(call)).ShouldBe(3L);
        (isAsync ? await none.ExecuteScalarAsync(call, Ct) : none.ExecuteScalar(call)).ShouldBeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Bulk_changes_touch_and_count_the_scopes_rows_only(bool isAsync)
    {
        await using var mine = await ListsAsync(3);
        await using var theirs = await ListsAsync(2);
        var db = mine.Db;
        var foreign = db.Lists.Where(list => list.Id == theirs.Ids[0]);

        (isAsync
            ? await db.Lists.ExecuteUpdateAsync(set => set.SetProperty(list => list.Name, list => list.Name + "!"), Ct)
            : db.Lists.ExecuteUpdate(set => set.SetProperty(list => list.Name, list => list.Name + "!"))).ShouldBe(3);
        (isAsync ? await foreign.ExecuteDeleteAsync(Ct) : foreign.ExecuteDelete()).ShouldBe(0);
        (isAsync ? await db.Lists.ExecuteDeleteAsync(Ct) : db.Lists.ExecuteDelete()).ShouldBe(3);

        (await theirs.NamesAsync()).ShouldBe(["list 0", "list 1"]);
        (await mine.NamesAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Raw_changes_touch_and_count_the_scopes_rows_only(bool isAsync)
    {
        await using var mine = await ListsAsync(3);
        await using var theirs = await ListsAsync(2);
        var db = mine.Db.Database;

        (isAsync
            ? await db.ExecuteSqlAsync($"UPDATE lead_lists SET name = name || {"!"}", Ct)
            : db.ExecuteSql($"UPDATE lead_lists SET name = name || {"!"}")).ShouldBe(3);
        (isAsync ? await db.ExecuteSqlRawAsync("DELETE FROM lead_lists", Ct) : db.ExecuteSqlRaw("DELETE FROM lead_lists")).ShouldBe(3);

        (await theirs.NamesAsync()).ShouldBe(["list 0", "list 1"]);
    }

    [Fact]
    public async Task An_explicit_transaction_keeps_to_the_scope_and_rolls_back()
    {
        await using var mine = await ListsAsync(2);
        await using var theirs = await ListsAsync(2);
        var db = mine.Db;
        await using (await db.Database.BeginTransactionAsync(Ct))
        {
            (await db.Lists.ExecuteDeleteAsync(Ct)).ShouldBe(2);
            db.Lists.Add(mine.NewList("in a transaction"));
            await db.SaveChangesAsync(Ct);
            (await db.Lists.CountAsync(Ct)).ShouldBe(1);
        }

        (await mine.NamesAsync()).ShouldBe(["list 0", "list 1"]);
        (await theirs.NamesAsync()).ShouldBe(["list 0", "list 1"]);
    }

    [Fact]
    public async Task Plain_commands_of_a_tenant_transaction_have_the_scope()
    {
        await using var mine = await ListsAsync(2);
        await using var theirs = await ListsAsync(1);
        await using (var transaction = await TenantTransaction.BeginAsync(mine.Db, Ct))
        {
            await using var delete = new NpgsqlCommand("DELETE FROM lead_lists WHERE name <> 'list 1'", transaction.Connection);
            (await delete.ExecuteNonQueryAsync(Ct)).ShouldBe(1);
            await transaction.CommitAsync(Ct);
        }

        (await mine.NamesAsync()).ShouldBe(["list 1"]);
        (await theirs.NamesAsync()).ShouldBe(["list 0"]);
    }

    [Fact]
    public async Task The_next_command_of_a_transaction_acts_for_whom_the_scope_names_then()
    {
        await using var mine = await ListsAsync(2);
        await using var theirs = await ListsAsync(1);
        var scope = mine.Scope.ServiceProvider.GetRequiredService<TenantScope>();
        await using var transaction = await mine.Db.Database.BeginTransactionAsync(Ct);

        (await mine.Db.Lists.CountAsync(Ct)).ShouldBe(2);
        scope.Enter(theirs.TenantId);
        (await mine.Db.Lists.CountAsync(Ct)).ShouldBe(1);
        scope.Enter(null);
        (await mine.Db.Lists.CountAsync(Ct)).ShouldBe(0);
    }

    [Fact]
    public async Task No_scope_is_left_on_the_connection()
    {
        await using var mine = await ListsAsync(1);
        var db = mine.Db;
        // Held open, so that the plain command below gets the very connection that the others had.
        await db.Database.OpenConnectionAsync(Ct);
        var connection = db.Database.GetDbConnection();

        (await db.Lists.CountAsync(Ct)).ShouldBe(1);
        (await LeftAsync(connection)).ShouldBe("");
        db.Lists.Add(mine.NewList("another"));
        await db.SaveChangesAsync(Ct);
        (await LeftAsync(connection)).ShouldBe("");
        await Should.ThrowAsync<PostgresException>(db.Database.ExecuteSqlRawAsync("SELECT 1 / 0", Ct));
        (await LeftAsync(connection)).ShouldBe("");
        await using (var transaction = await TenantTransaction.BeginAsync(db, Ct))
        {
            (await LeftAsync(connection)).ShouldBe(mine.TenantId.ToString());
            await transaction.CommitAsync(Ct);
        }

        (await LeftAsync(connection)).ShouldBe("");
    }

    private Task<OwnLists> ListsAsync(int count) => OwnLists.MakeAsync(host, count, Ct);

    private static async Task<string> LeftAsync(DbConnection connection)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT coalesce(current_setting('app.current_tenant_id', true), '')";
        return (string)(await command.ExecuteScalarAsync(Ct))!;
    }
}
