using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Host;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Isolation;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.House;

/// <summary>The database and the contexts over it, table by table.</summary>
public sealed class TableTests(HostFixture host)
{
    // Not used by any context yet: mapping one takes it off this list.
    private static readonly string[] NotMappedYet =
    [
        "audit_log_head", "content.attachments",
        "partition_retention", "security_event_head", "stripe_events",
    ];

    private static readonly IReadOnlyList<Type> Contexts =
        [.. Modules.Assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(ModuleDb)))];

    private static readonly MethodInfo Query = typeof(TableTests).GetMethod(nameof(QueryAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_module_has_one_context() =>
        Contexts.Select(context => context.Assembly).ShouldBe(Modules.InOrder.Select(module => module.Assembly), ignoreOrder: true);

    [Fact]
    public async Task Each_DbSet_answers_a_query()
    {
        await using var scope = host.ScopeOf(Guid.CreateVersion7());
        var answered = new List<string>();
        foreach (var entity in Entities(scope))
        {
            var query = Query.MakeGenericMethod(entity.Type.ClrType);
            await Should.NotThrowAsync((Task)query.Invoke(null, [entity.Context])!, $"{entity.Context.GetType().Name}: {entity.Type.ClrType.Name}");
            answered.Add(entity.Type.ClrType.Name);
        }

        answered.Count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task Each_table_is_mapped_by_one_context_or_listed_as_not_used_yet()
    {
        await using var scope = host.ScopeOf(Guid.CreateVersion7());
        await using var administrator = await host.AdministratorAsync(Ct);
        var mapped = Entities(scope).Select(entity => entity.Type.GetSchemaQualifiedTableName()!).ToList();

        mapped.ShouldNotBeEmpty();
        mapped.ShouldBeUnique();
        var tables = (await TableReader.ReadAsync(administrator, Ct)).Select(table => table.Name);
        tables.Except(mapped).ShouldBe(NotMappedYet, ignoreOrder: true);
    }

    [Fact]
    public async Task Each_table_with_a_tenant_or_user_has_forced_policies()
    {
        await using var administrator = await host.AdministratorAsync(Ct);
        var owned = (await TableReader.ReadAsync(administrator, Ct)).Where(table => table.Owner is not null).Select(table => table.Name).ToList();
        var guarded = await administrator.ListAsync<string>(
            """
            SELECT c.oid::regclass::text FROM pg_class c
            WHERE c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
            """, Ct);

        owned.Count.ShouldBeGreaterThan(40);
        owned.Except(guarded).ShouldBeEmpty();
    }

    [Fact]
    public async Task Each_partition_is_closed_by_itself()
    {
        await using var administrator = await host.AdministratorAsync(Ct);
        var partitions = await administrator.ListAsync(
            $"""
            SELECT c.oid::regclass::text,
                c.relrowsecurity AND c.relforcerowsecurity AND NOT has_table_privilege('{DatabaseRoles.App}', c.oid, 'SELECT')
            FROM pg_inherits i
            JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind = 'r'
            """, row => (Name: row.GetString(0), IsClosed: row.GetBoolean(1)), Ct);

        partitions.Count.ShouldBeGreaterThan(10);
        partitions.Where(partition => !partition.IsClosed).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_refers_to_a_tenants_row_names_the_tenant_and_its_key_carries_it()
    {
        await using var administrator = await host.AdministratorAsync(Ct);
        var tables = await TableReader.ReadAsync(administrator, Ct);
        var tenants = tables.Where(table => table.HasTenant).Select(table => table.Name).ToHashSet();
        var keys = tables.SelectMany(table => table.References.Select(key => (Table: table, Key: key)))
            .Where(pair => tenants.Contains(pair.Key.Target)).ToList();

        keys.Count.ShouldBeGreaterThan(30);
        // Tags may be nobody's, so a trigger stands for the key: TableIsolationTests sees it refuse.
        keys.Where(pair => !pair.Table.References.Any(other => other.Target == pair.Key.Target && other.Columns.Contains("tenant_id")
                && other.Columns.Except(["tenant_id"]).SequenceEqual(pair.Key.Columns.Except(["tenant_id"]))))
            .Select(pair => pair.Key.Name).ShouldBe(["inbox_thread_tags_tag_id_fkey", "lead_tags_tag_id_fkey", "template_tags_tag_id_fkey"]);
    }

    [Fact]
    public async Task Each_foreign_key_has_an_index_that_begins_with_its_columns()
    {
        await using var administrator = await host.AdministratorAsync(Ct);
        var all = await administrator.ListAsync(
            """
            SELECT i.indrelid::regclass::text, ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY k (num, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num ORDER BY k.place)
            FROM pg_index i
            WHERE i.indpred IS NULL AND i.indexprs IS NULL
            """, row => (Table: row.GetString(0), Columns: row.GetFieldValue<string[]>(1)), Ct);
        var indexes = all.ToLookup(index => index.Table, index => index.Columns);
        var tables = await TableReader.ReadAsync(administrator, Ct);
        var keys = tables.SelectMany(table => table.References.Select(key => (Table: table.Name, Key: key))).ToList();

        keys.Count.ShouldBeGreaterThan(80);
        keys.Where(pair => !indexes[pair.Table].Any(columns => columns.Take(pair.Key.Columns.Length).ToHashSet().SetEquals(pair.Key.Columns)))
            .Select(pair => $"{pair.Table}.{pair.Key.Name} ({string.Join(", ", pair.Key.Columns)})").ShouldBeEmpty();
    }

    private static IEnumerable<(ModuleDb Context, IEntityType Type)> Entities(IServiceScope scope) => Contexts
        .Select(context => (ModuleDb)scope.ServiceProvider.GetRequiredService(context))
        .SelectMany(context => context.Model.GetEntityTypes().Select(type => (context, type)));

    private static Task QueryAsync<T>(ModuleDb context) where T : class => 
        context.Set<T>().AsNoTracking().Where(_ => false).ToListAsync(Ct);
}
