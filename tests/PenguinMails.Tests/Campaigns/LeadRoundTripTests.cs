using System.Text;
using CsCheck;
using CsvHelper;

namespace PenguinMails.Tests.Campaigns;

/// <summary>What a CSV library writes is read as it was meant, and written again so that it is read the same.</summary>
public sealed class LeadRoundTripTests(HostFixture host)
{
    private sealed record Row(string Name, string Company, string Fish);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    // Whatever disturbs a table: quotes, separators, line ends, formulas, characters of one to four bytes.
    private static readonly Gen<string> Text = Gen.OneOf<string>(
        Gen.OneOf(",", ";", "\t", "|", "\"", "\"\"", "'", "\r", "\n", "\r\n", "=1+1", "@", "-", " ", "a", "Zoë", "日本", "🐧", "\uFEFF", "NULL", "\\"),
        Gen.Char[' ', '~'].Select(letter => letter.ToString())).Array[0, 8].Select(string.Concat);

    private static readonly Gen<Row[]> Rows = Gen.Select(Text, Text, Text, (name, company, fish) => new Row(name, company, fish)).Array[1, 20];

    private static readonly Gen<CsvWriterOptions> Styles = Gen.Select(
        Gen.OneOf(',', ';', '\t', '|'), Gen.OneOf("\r\n", "\n"), Gen.OneOf(CsvQuoting.Always, CsvQuoting.WhenNeeded), Gen.Bool,
        (separator, newLine, quoting, mark) => new CsvWriterOptions { Separator = separator, NewLine = newLine, Quoting = quoting, WriteByteOrderMark = mark });

    [Fact]
    public async Task What_a_library_writes_comes_back_the_same()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await Gen.Select(Rows, Styles).SampleAsync(async (rows, style) =>
        {
            await ForgetAsync(tenant);
            await ForgetAsync(other);
            var import = await (await tenant.SendFileAsync("leads/import", Write(rows, style), Ct)).ReadAsync(Ct);
            import.Number("imported").ShouldBe(rows.Length, import.ToJsonString());
            var stored = await StoredAsync(tenant);
            stored.ShouldBe(rows.Select((row, number) => $"lead{number:000}@recipient.example|{row.Name.Trim()}|{row.Company.Trim()}|{row.Fish.Trim()}"));

            var export = await tenant.Http.GetByteArrayAsync("leads/export.csv", Ct);
            await (await other.SendFileAsync("leads/import", export, Ct)).ReadAsync(Ct);
            (await StoredAsync(other)).ShouldBe(stored);
        }, iter: 60, threads: 1);
    }

    [Fact]
    public async Task For_a_spreadsheet_no_cell_is_a_formula()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.PostAsync("leads", new { Email = "a@recipient.example", Name = "=cmd|x", Company = "+1" }, Ct);

        var plain = await tenant.Http.GetByteArrayAsync("leads/export.csv", Ct);
        var guarded = await tenant.Http.GetByteArrayAsync("leads/export.csv?excel=true", Ct);

        Encoding.UTF8.GetString(plain).ShouldBe("email,name,first_name,last_name,company\r\na@recipient.example,=cmd|x,,,+1\r\n");
        Encoding.UTF8.GetString(guarded).ShouldBe("\uFEFFemail,name,first_name,last_name,company\r\na@recipient.example,\"'=cmd|x\",,,\"'+1\"\r\n");
    }

    private static byte[] Write(Row[] rows, CsvWriterOptions style)
    {
        using var stream = new MemoryStream();
        using (var csv = CsvWriter.Create(stream, style, leaveOpen: true))
        {
            foreach (var cells in rows.Select((row, number) => new[] { $"lead{number:000}@recipient.example", row.Name, row.Company, row.Fish })
                .Prepend(["email", "name", "company", "custom.fish"]))
            {
                cells.ToList().ForEach(cell => csv.WriteField(cell));
                csv.EndRecord();
            }
        }

        return stream.ToArray();
    }

    private Task<IReadOnlyList<string>> ForgetAsync(TenantClient tenant) => host.QueryAsync("DELETE FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId);

    private Task<IReadOnlyList<string>> StoredAsync(TenantClient tenant) => host.QueryAsync(
        "SELECT email, coalesce(name, ''), coalesce(company, ''), coalesce(attributes->>'fish', '') FROM leads WHERE tenant_id = $1 ORDER BY email", Ct, tenant.TenantId);
}
