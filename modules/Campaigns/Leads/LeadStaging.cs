using Npgsql;
using NpgsqlTypes;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Leads;

/// <summary>How many rows became what.</summary>
internal sealed record StagingResult(int Imported, int Updated, int Skipped);

/// <summary>
/// The fast way in: rows are copied into a table of this transaction only, then merged into the leads by set, under the tenant's
/// own policies.
/// </summary>
internal sealed class LeadStaging(TenantTransaction transaction, Guid tenantId)
{
    public async Task<NpgsqlBinaryImporter> BeginCopyAsync(CancellationToken ct)
    {
        await ExecuteAsync("""
            CREATE TEMPORARY TABLE lead_staging (
                id uuid, line integer, email text, name text, first_name text, last_name text, company text, attributes jsonb)
            ON COMMIT DROP
            """, ct);
        return await transaction.Connection.BeginBinaryImportAsync(
            "COPY lead_staging (id, line, email, name, first_name, last_name, company, attributes) FROM STDIN (FORMAT binary)", ct);
    }

    public static async Task WriteAsync(NpgsqlBinaryImporter copy, LeadRow row, CancellationToken ct)
    {
        await copy.StartRowAsync(ct);
        await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid, ct);
        await copy.WriteAsync(row.Line, NpgsqlDbType.Integer, ct);
        await copy.WriteAsync(row.Email, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(row.Name, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(row.FirstName, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(row.LastName, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(row.Company, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(row.Attributes, NpgsqlDbType.Jsonb, ct);
    }

    /// <summary>The lines that repeat an address of an earlier line; at most <paramref name="most"/> of them.</summary>
    public async Task<IReadOnlyList<Refusal>> DuplicatesAsync(int most, CancellationToken ct)
    {
        await ExecuteAsync("ANALYZE lead_staging", ct);
        await using var command = new NpgsqlCommand("""
            SELECT line, email, first_line FROM (
                SELECT line, email, min(line) OVER (PARTITION BY email) AS first_line FROM lead_staging) AS numbered
            WHERE line > first_line ORDER BY line LIMIT $1
            """, transaction.Connection)
        {
            Parameters = { new NpgsqlParameter { Value = most } },
        };
        await using var reader = await command.ExecuteReaderAsync(ct);
        var duplicates = new List<Refusal>();
        while (await reader.ReadAsync(ct))
        {
            duplicates.Add(new Refusal(reader.GetInt32(0), reader.GetString(1), $"Repeats line {reader.GetInt32(2)}."));
        }

        return duplicates;
    }

    /// <summary>Merges the first line of each address into the leads.</summary>
    /// <param name="update">Whether a lead that is there already takes the file's values.</param>
    public async Task<StagingResult> MergeAsync(bool update, CancellationToken ct)
    {
        var distinct = (int)(await ScalarAsync("SELECT count(DISTINCT email) FROM lead_staging", ct));
        var inserted = await ExecuteAsync("""
            INSERT INTO leads (id, tenant_id, email, name, first_name, last_name, company, attributes)
            SELECT DISTINCT ON (email) id, $1, email, name, first_name, last_name, company, attributes
            FROM lead_staging ORDER BY email, line
            ON CONFLICT DO NOTHING
            """, ct, tenantId);
        var updated = update ? await ExecuteAsync("""
            UPDATE leads SET name = coalesce(s.name, leads.name), first_name = coalesce(s.first_name, leads.first_name),
                last_name = coalesce(s.last_name, leads.last_name), company = coalesce(s.company, leads.company),
                attributes = leads.attributes || s.attributes
            FROM (SELECT DISTINCT ON (email) * FROM lead_staging ORDER BY email, line) AS s
            WHERE leads.tenant_id = $1 AND lower(leads.email) = s.email AND leads.id <> s.id
            """, ct, tenantId) : 0;
        return new StagingResult(inserted, updated, distinct - inserted - updated);
    }

    /// <summary>Puts every lead of the file onto the list, new or not.</summary>
    public Task AddToListAsync(Guid listId, CancellationToken ct) => ExecuteAsync("""
        INSERT INTO lead_list_members (tenant_id, list_id, lead_id)
        SELECT DISTINCT $1, $2, leads.id FROM lead_staging AS s JOIN leads ON leads.tenant_id = $1 AND lower(leads.email) = s.email
        ON CONFLICT DO NOTHING
        """, ct, tenantId, listId);

    public Task<long> CountLeadsAsync(CancellationToken ct) => ScalarAsync("SELECT count(*) FROM leads", ct);

    private async Task<long> ScalarAsync(string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection) { CommandTimeout = 0 };
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken ct, params Guid[] values)
    {
        await using var command = new NpgsqlCommand(sql, transaction.Connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return await command.ExecuteNonQueryAsync(ct);
    }
}
