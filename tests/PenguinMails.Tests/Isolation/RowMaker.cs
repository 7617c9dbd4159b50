using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;

namespace PenguinMails.Tests.Isolation;

/// <summary>
/// Writes rows of one tenant and user into any table, from what the catalogue says: every reference is filled with a row
/// of the same tenant, and of the rest only what is required.
/// </summary>
internal sealed class RowMaker(NpgsqlConnection connection, IReadOnlyDictionary<string, Table> tables, Guid tenantId, Guid userId)
{
    private static int _number;

    private readonly Dictionary<string, JsonNode> _rows = [];

    public Guid TenantId => tenantId;

    public Guid UserId => userId;

    /// <summary>The value of <see cref="Table.Owner"/> in this maker's rows.</summary>
    public Guid OwnerOf(Table table) => table.IsUsers ? userId : tenantId;

    /// <summary>The text of a column of this maker's row of the table.</summary>
    public string ValueOf(string table, string column) => _rows[table][column]!.ToString();

    /// <summary>This maker's row of the table, which is written with all it refers to when first asked for.</summary>
    public async Task<JsonNode> RowAsync(Table table, CancellationToken ct)
    {
        if (!_rows.TryGetValue(table.Name, out var row))
        {
            row = await AnyRowAsync(table, ct) ?? (await InsertAsync(connection, table, await DraftAsync(table, ofNobody: false, ct), ct))!;
            _rows[table.Name] = row;
        }

        return row;
    }

    /// <summary>The values of a new row.</summary>
    /// <param name="ofNobody">Without a tenant, and with no reference that may be absent.</param>
    public async Task<IReadOnlyDictionary<string, string>> DraftAsync(Table table, bool ofNobody, CancellationToken ct)
    {
        var values = new Dictionary<string, string>();
        // Ids come from the application.
        foreach (var column in table.Columns.Where(column => column is { IsRequired: true, IsGiven: false } or { IsRequired: true, Type: "uuid" }))
        {
            values[column.Name] = column.Word ?? NewValue(column);
        }

        foreach (var (key, index) in table.References.SelectMany(key => key.Columns.Select((_, index) => (key, index))))
        {
            var column = key.Columns[index];
            if (!ofNobody || values.ContainsKey(column))
            {
                values[column] = (await RowAsync(tables[key.Target], ct))[key.TargetColumns[index]]!.ToString();
            }
        }

        if (table.Name == "smtp_ip_addresses")
        {
            // No domain is put on it by anybody else.
            values["status"] = "burned";
        }

        if (table.Owner is { } owner && !(ofNobody && owner == "tenant_id"))
        {
            values[owner] = OwnerOf(table).ToString();
        }

        return values;
    }

    /// <summary>Inserts the values. Where the role may not read the row back, leave <paramref name="readBack"/> out.</summary>
    public static async Task<JsonNode?> InsertAsync(
        NpgsqlConnection connection, Table table, IReadOnlyDictionary<string, string> values, CancellationToken ct, bool readBack = true)
    {
        var columns = string.Join(", ", values.Keys);
        var places = string.Join(", ", Enumerable.Range(1, values.Count).Select(place => $"${place}"));
        await using var command = new NpgsqlCommand(
            $"INSERT INTO {table.Name} AS t ({columns}) VALUES ({places}) {(readBack ? "RETURNING to_jsonb(t)::text" : "")}", connection);
        foreach (var value in values.Values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Unknown });
        }

        return await command.ExecuteScalarAsync(ct) is string row ? JsonNode.Parse(row) : null;
    }

    // Of a table whose rows are nobody's, such as plans, any row will do. Of addresses none: how many domains are on one counts.
    private async Task<JsonNode?> AnyRowAsync(Table table, CancellationToken ct)
    {
        if (table.Owner is not null || table.Name == "smtp_ip_addresses")
        {
            return null;
        }

        await using var command = new NpgsqlCommand($"SELECT to_jsonb(t)::text FROM {table.Name} t LIMIT 1", connection);
        return await command.ExecuteScalarAsync(ct) is string row ? JsonNode.Parse(row) : null;
    }

    private static string NewValue(Column column)
    {
        var number = Interlocked.Increment(ref _number);
        return column.Type.Split('(')[0] switch
        {
            "uuid" => Guid.CreateVersion7().ToString(),
            "text" or "character varying" => $"row{number}",
            "bytea" => $"\\x{RandomNumberGenerator.GetHexString(64)}",
            "smallint" or "integer" or "bigint" or "numeric" => $"{number}",
            "boolean" => "true",
            "jsonb" => "{}",
            "inet" => "192.0.2.1",
            "date" => new DateOnly(2030, 1, 1).AddDays(number).ToString("O"),
            "timestamp with time zone" => "tomorrow",
            _ => throw new InvalidOperationException($"No value for a column {column.Name} of type {column.Type}."),
        };
    }
}
