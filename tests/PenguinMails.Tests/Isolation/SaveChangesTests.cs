using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Tests.Isolation;

/// <summary>What SaveChanges writes, and what it must not pass over in silence.</summary>
public sealed class SaveChangesTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The place of the wrong row in a batch of so many, whether it is another tenant's or gone, and sync or async.</summary>
    public static TheoryData<int, int, bool, bool> Batches() =>
    [
        .. from place in new[] { (0, 1), (0, 3), (1, 3), (2, 3) }
           from isGone in new[] { false, true }
           from isAsync in new[] { false, true }
           select (place.Item1, place.Item2, isGone, isAsync),
    ];

    [Theory]
    [InlineData(1, true)]
    [InlineData(1, false)]
    [InlineData(5, true)]
    [InlineData(5, false)]
    public async Task Writes_the_scopes_rows(int count, bool isAsync)
    {
        await using var mine = await OwnLists.MakeAsync(host, count, Ct);
        var rows = await mine.Db.Lists.ToListAsync(Ct);
        rows.ForEach(row => row.Name = $"changed {row.Name}");

        await SaveAsync(mine.Db, isAsync);
        (await mine.NamesAsync()).ShouldBe(Enumerable.Range(0, count).Select(number => $"changed list {number}"));

        mine.Db.RemoveRange(rows);
        await SaveAsync(mine.Db, isAsync);
        (await mine.NamesAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(0, false)]
    [InlineData(3, true)]
    [InlineData(3, false)]
    public async Task Refuses_to_insert_for_another_tenant_and_writes_nothing(int others, bool isAsync)
    {
        await using var mine = await OwnLists.MakeAsync(host, 1, Ct);
        await using var theirs = await OwnLists.MakeAsync(host, 0, Ct);
        mine.Db.AddRange(Enumerable.Range(0, others).Select(number => mine.NewList($"more {number}")));
        mine.Db.Add(mine.NewList("foreign", tenantId: theirs.TenantId));

        var refusal = await Should.ThrowAsync<DbUpdateException>(SaveAsync(mine.Db, isAsync));

        refusal.InnerException.ShouldBeOfType<PostgresException>().SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
        (await mine.NamesAsync()).ShouldBe(["list 0"]);
        (await theirs.NamesAsync()).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task Throws_where_a_row_to_update_is_not_there(int place, int count, bool isGone, bool isAsync)
    {
        await using var theirs = await OwnLists.MakeAsync(host, 1, Ct);
        await using var mine = await MixAsync(theirs, place, count, isGone);
        mine.Db.Lists.Local.ToList().ForEach(list => list.Name += " changed");

        await Should.ThrowAsync<DbUpdateConcurrencyException>(SaveAsync(mine.Db, isAsync));

        (await mine.NamesAsync()).ShouldBe(Enumerable.Range(0, count - 1).Select(number => $"own {number}"));
        (await theirs.NamesAsync()).ShouldBe(["list 0"]);
    }

    [Theory]
    [MemberData(nameof(Batches))]
    public async Task Throws_where_a_row_to_delete_is_not_there(int place, int count, bool isGone, bool isAsync)
    {
        await using var theirs = await OwnLists.MakeAsync(host, 1, Ct);
        await using var mine = await MixAsync(theirs, place, count, isGone);
        mine.Db.RemoveRange(mine.Db.Lists.Local.ToList());

        await Should.ThrowAsync<DbUpdateConcurrencyException>(SaveAsync(mine.Db, isAsync));

        (await mine.NamesAsync()).Count.ShouldBe(count - 1);
        (await theirs.NamesAsync()).ShouldBe(["list 0"]);
    }

    [Fact]
    public async Task Throws_where_the_wrong_row_is_not_in_the_first_batch()
    {
        // Npgsql's provider begins a new batch after a thousand commands.
        await using var mine = await OwnLists.MakeAsync(host, 1_100, Ct);
        var gone = await mine.Db.Lists.OrderByDescending(list => list.Id).FirstAsync(Ct);
        await mine.Db.Lists.Where(list => list.Id == gone.Id).ExecuteDeleteAsync(Ct);
        (await mine.Db.Lists.ToListAsync(Ct)).ForEach(list => list.Name += " changed");
        gone.Name = "changed";

        await Should.ThrowAsync<DbUpdateConcurrencyException>(mine.Db.SaveChangesAsync(Ct));

        (await mine.NamesAsync()).ShouldNotContain(name => name.Contains("changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Costs_one_command_for_a_read_and_one_for_a_save()
    {
        await using var mine = await OwnLists.MakeAsync(host, 1, Ct);

        var read = await CommandsOfAsync(() => mine.Db.Lists.CountAsync(Ct));
        mine.Db.Add(mine.NewList("one more"));
        var save = await CommandsOfAsync(() => mine.Db.SaveChangesAsync(Ct));
        var bulk = await CommandsOfAsync(() => mine.Db.Lists.ExecuteDeleteAsync(Ct));

        read.ShouldHaveSingleItem().ShouldSatisfyAllConditions(text => text.ShouldContain("set_config"), text => text.ShouldContain("count(*)"));
        save.ShouldHaveSingleItem().ShouldContain("INSERT INTO lead_lists");
        bulk.ShouldHaveSingleItem().ShouldContain("DELETE FROM lead_lists");
    }

    // A tenant of which `count` lists are tracked; the one at `place` in the order of ids, which is that of commands, is not its own.
    private async Task<OwnLists> MixAsync(OwnLists theirs, int place, int count, bool isGone)
    {
        var wrong = isGone ? Guid.CreateVersion7() : theirs.Ids[0];
        var mine = await OwnLists.MakeAsync(host, 0, Ct);
        var own = Enumerable.Range(0, count - 1).Select(number => mine.NewList($"own {number}", Beside(before: number < place))).ToList();
        mine.Db.AddRange(own);
        await mine.Db.SaveChangesAsync(Ct);
        mine.Db.ChangeTracker.Clear();
        mine.Db.AttachRange([.. own, mine.NewList("wrong", wrong)]);
        return mine;
    }

    // An id that sorts before or after all that the clock gives.
    private static Guid Beside(bool before)
    {
        var bytes = Guid.CreateVersion7().ToByteArray(bigEndian: true);
        bytes[0] = before ? (byte)0x00 : (byte)0xff;
        return new Guid(bytes, bigEndian: true);
    }

    private static Task<int> SaveAsync(CampaignsDb db, bool isAsync) => isAsync ? db.SaveChangesAsync(Ct) : Task.Run(() => db.SaveChanges(), Ct);

    private static async Task<IReadOnlyList<string>> CommandsOfAsync(Func<Task> work)
    {
        using var root = new Activity("test").Start();
        var commands = new List<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId)
                {
                    commands.Add((activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement"))?.ToString() ?? activity.DisplayName);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await work();
        return commands;
    }
}
