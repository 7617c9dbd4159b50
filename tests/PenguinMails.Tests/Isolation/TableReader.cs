using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Isolation;

/// <param name="IsGiven">The database fills it in where an insert leaves it out.</param>
/// <param name="Word">A value that the column's check allows, where it allows only some words.</param>
internal sealed record Column(string Name, string Type, bool IsRequired, bool IsGiven, string? Word);

internal sealed record ForeignKey(string Name, string[] Columns, string Target, string[] TargetColumns);

/// <summary>A table as the catalogue describes it; partitions are no tables of their own.</summary>
/// <param name="AppReads">The host's role is granted SELECT.</param>
internal sealed record Table(string Name, bool IsProtected, bool AppReads, IReadOnlyList<Column> Columns, IReadOnlyList<ForeignKey> References)
{
    public bool HasTenant => Columns.Any(column => column.Name == "tenant_id");

    public bool MayLackTenant => Columns.Any(column => column is { Name: "tenant_id", IsRequired: false });

    /// <summary>The column that says whose a row is; null where rows are nobody's.</summary>
    public string? Owner => HasTenant ? "tenant_id"
        : Columns.Any(column => column.Name == "user_id") ? "user_id"
        : Name is "tenants" or "users" ? "id"
        : null;

    /// <summary>Whether <see cref="Owner"/> names a user rather than a tenant.</summary>
    public bool IsUsers => Owner == "user_id" || Name == "users";
}

/// <summary>Reads the tables of the modules, that is all but Hangfire's and the migrator's own.</summary>
internal static class TableReader
{
    private const string Ours = """
        SELECT c.oid, c.oid::regclass::text AS name, c.relrowsecurity
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'content', 'olap')
          AND c.relname <> 'schema_migrations'
        """;

    private const string Columns = $"""
        SELECT t.name, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef OR a.attidentity <> '',
            (SELECT substring(pg_get_constraintdef(c.oid) FROM 'ANY .*?''(\w+)''')
             FROM pg_constraint c
             WHERE c.conrelid = t.oid AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]
             LIMIT 1)
        FROM ({Ours}) t
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY t.name, a.attnum
        """;

    private const string Keys = $"""
        SELECT t.name, c.conname, c.confrelid::regclass::text,
            ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (num, place)
                JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.place),
            ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (num, place)
                JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.place)
        FROM ({Ours}) t
        JOIN pg_constraint c ON c.conrelid = t.oid AND c.contype = 'f' AND c.conparentid = 0
        ORDER BY t.name, c.conname
        """;

    public static async Task<IReadOnlyList<Table>> ReadAsync(NpgsqlConnection administrator, CancellationToken ct)
    {
        var columns = (await administrator.ListAsync(Columns, row => (Table: row.GetString(0), Column: new Column(
            row.GetString(1), row.GetString(2), row.GetBoolean(3), row.GetBoolean(4), row.IsDBNull(5) ? null : row.GetString(5))), ct))
            .ToLookup(row => row.Table, row => row.Column);
        var keys = (await administrator.ListAsync(Keys, row => (Table: row.GetString(0), Key: new ForeignKey(
            row.GetString(1), row.GetFieldValue<string[]>(3), row.GetString(2), row.GetFieldValue<string[]>(4))), ct))
            .ToLookup(row => row.Table, row => row.Key);
        return await administrator.ListAsync(
            $"SELECT name, relrowsecurity, has_table_privilege('{DatabaseRoles.App}', oid, 'SELECT') FROM ({Ours}) t ORDER BY name",
            row => new Table(
                row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), [.. columns[row.GetString(0)]], [.. keys[row.GetString(0)]]), ct);
    }
}
