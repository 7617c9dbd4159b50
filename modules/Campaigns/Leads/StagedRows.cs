using Npgsql;

namespace PenguinMails.Campaigns.Leads;

/// <summary>The rows of one import that wait to be merged, within the transaction that merges them.</summary>
internal sealed class StagedRows(NpgsqlConnection connection, LeadImport import)
{
    // Of each address the first row, and none that is not written to any more.
    private const string Good = "s.tenant_id = $1 AND s.import_id = $2 AND s.line = s.first_line AND NOT s.is_suppressed";

    private const string Count = """
        SELECT count(*)::int, count(*) FILTER (WHERE line = first_line)::int FROM lead_import_rows WHERE tenant_id = $1 AND import_id = $2
        """;

    private const string Suppress = """
        UPDATE lead_import_rows SET is_suppressed = TRUE
        WHERE tenant_id = $1 AND import_id = $2 AND seq > $3 AND seq <= $4 AND line = first_line AND email IN (
            SELECT suppressed_among($1, ARRAY(
                SELECT email FROM lead_import_rows WHERE tenant_id = $1 AND import_id = $2 AND seq > $3 AND seq <= $4 AND line = first_line)))
        """;

    // The ids are of version 7 with a counter (RFC 9562, 6.2): they rise with the addresses, so that most indexes grow at their ends.
    private const string Insert = $"""
        INSERT INTO leads (id, tenant_id, email, name, first_name, last_name, company, attributes)
        SELECT ($5 || '7' || substr(lpad(to_hex(s.seq), 8, '0'), 1, 3) || '8' || substr(lpad(to_hex(s.seq), 8, '0'), 4) || $6)::uuid, $1, s.email, s.name, s.first_name, s.last_name, s.company, s.attributes
        FROM lead_import_rows s WHERE {Good} AND s.seq > $3 AND s.seq <= $4 ORDER BY s.seq
        ON CONFLICT DO NOTHING
        """;

    private const string Update = $"""
        UPDATE leads SET name = coalesce(s.name, leads.name), first_name = coalesce(s.first_name, leads.first_name),
            last_name = coalesce(s.last_name, leads.last_name), company = coalesce(s.company, leads.company),
            attributes = leads.attributes || s.attributes
        FROM lead_import_rows s
        WHERE {Good} AND leads.tenant_id = $1 AND leads.email_key = s.email
            AND (leads.name, leads.first_name, leads.last_name, leads.company, leads.attributes) IS DISTINCT FROM
                (coalesce(s.name, leads.name), coalesce(s.first_name, leads.first_name), coalesce(s.last_name, leads.last_name),
                 coalesce(s.company, leads.company), leads.attributes || s.attributes)
        """;

    private const string AddToList = $"""
        INSERT INTO lead_list_members (tenant_id, list_id, lead_id)
        SELECT $1, $3, leads.id FROM lead_import_rows s JOIN leads ON leads.tenant_id = $1 AND leads.email_key = s.email
        WHERE {Good} ORDER BY leads.id
        ON CONFLICT DO NOTHING
        """;

    private const string CountKnown = $"""
        SELECT count(*)::int, 0 FROM lead_import_rows s JOIN leads ON leads.tenant_id = $1 AND leads.email_key = s.email WHERE {Good}
        """;

    private const string Refuse = """
        INSERT INTO lead_import_refusals (tenant_id, import_id, line, email, reason)
        SELECT s.tenant_id, s.import_id, s.line, s.email, CASE
            WHEN s.line > s.first_line THEN format('Repeats line %s.', s.first_line)
            WHEN s.is_suppressed THEN 'The address is suppressed: it is not written to any more.'
            ELSE 'There is no such lead, and this import makes none.' END
        FROM lead_import_rows s
        WHERE s.tenant_id = $1 AND s.import_id = $2 AND (s.line > s.first_line OR s.is_suppressed
            OR $3 AND NOT EXISTS (SELECT FROM leads WHERE leads.tenant_id = $1 AND leads.email_key = s.email))
        """;

    private readonly string _time = Guid.CreateVersion7().ToString("N")[..12];
    private readonly string _random = Guid.CreateVersion7().ToString("N")[^10..];

    /// <summary>How many rows there are, and how many addresses.</summary>
    public Task<(int Rows, int Addresses)> CountAsync(CancellationToken ct) => PairAsync(Count, ct);

    public async Task<int> CountKnownAsync(CancellationToken ct) => (await PairAsync(CountKnown, ct)).First;

    /// <summary>Marks the rows whose address is suppressed.</summary>
    public Task<int> SuppressAsync(int chunk, CancellationToken ct) => EachChunkAsync(Suppress, chunk, _ => { }, ct);

    /// <summary>Makes leads of the addresses that are none yet.</summary>
    /// <param name="tell">Is told how many rows have passed.</param>
    public Task<int> InsertAsync(int chunk, Action<int> tell, CancellationToken ct) => EachChunkAsync(Insert, chunk, tell, ct, _time, _random);

    /// <summary>Gives leads that were there the file's values, where they differ.</summary>
    public Task<int> UpdateAsync(CancellationToken ct) => ExecuteAsync(Update, ct);

    /// <summary>Puts every lead of the file onto the list, new or not.</summary>
    public Task<int> AddToListAsync(Guid listId, CancellationToken ct) => ExecuteAsync(AddToList, ct, listId);

    public Task<int> RefuseAsync(CancellationToken ct) => ExecuteAsync(Refuse, ct, import.OnDuplicate == OnDuplicate.ListOnly);

    private async Task<int> EachChunkAsync(string sql, int chunk, Action<int> tell, CancellationToken ct, params object[] more)
    {
        var rows = 0;
        for (var seq = 0; seq < import.StagedRows; seq += chunk)
        {
            rows += await ExecuteAsync(sql, ct, [seq, seq + chunk, .. more]);
            tell(Math.Min(seq + chunk, import.StagedRows));
        }

        return rows;
    }

    private async Task<(int First, int Second)> PairAsync(string sql, CancellationToken ct)
    {
        await using var command = Command(sql, []);
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        return (reader.GetInt32(0), reader.GetInt32(1));
    }

    private async Task<int> ExecuteAsync(string sql, CancellationToken ct, params object[] more)
    {
        await using var command = Command(sql, more);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand Command(string sql, object[] more)
    {
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        command.Parameters.AddRange(new object[] { import.TenantId, import.Id }.Concat(more)
            .Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return command;
    }
}
