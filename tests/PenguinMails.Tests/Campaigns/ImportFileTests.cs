using System.Net;
using System.Text;

namespace PenguinMails.Tests.Campaigns;

/// <summary>Files as programs write them, columns as people name them.</summary>
public sealed class ImportFileTests(HostFixture host)
{
    private const string Table = "email;first_name;company\r\na@recipient.example;Zoë;Müller “& Söhne”\r\nb@recipient.example;Łukasz;B\r\n";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, bool> Encodings => new()
    {
        { "utf-8", true }, { "utf-8", false }, { "utf-16", true }, { "utf-16", false }, { "utf-16BE", true }, { "utf-16BE", false }, { "windows-1252", false },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task A_file_is_read_in_whichever_encoding_it_came(string name, bool marked)
    {
        var tenant = await host.ATenantAsync(Ct);
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        var text = name == "windows-1252" ? Table.Replace("Łukasz", "Lukasz") : Table;
        byte[] bytes = [.. marked ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];

        var preview = await (await tenant.SendFileAsync("leads/import/preview", bytes, Ct)).ReadAsync(Ct);
        var import = await (await tenant.SendFileAsync("leads/import", bytes, Ct)).ReadAsync(Ct);

        preview.Text("encoding").ShouldBe(name);
        preview.Text("delimiter").ShouldBe(";");
        import.Number("imported").ShouldBe(2, import.ToJsonString());
        (await host.QueryAsync("SELECT first_name, company FROM leads WHERE tenant_id = $1 ORDER BY email", Ct, tenant.TenantId))
            .ShouldBe(["Zoë|Müller “& Söhne”", $"{(name == "windows-1252" ? "Lukasz" : "Łukasz")}|B"]);
    }

    [Theory]
    [InlineData("'email','company'\n'a@recipient.example','A, \"B\"'\n", "A, \"B\"")]
    [InlineData("email|company\ra@recipient.example|A\rbad|B\ralso bad|C\r", "A")]
    [InlineData("sep=;\nemail;company\na@recipient.example;A\n", "A")]
    public async Task Quotes_separators_and_line_ends_are_found_out(string csv, string company)
    {
        var tenant = await host.ATenantAsync(Ct);

        var import = await tenant.UploadAsync("leads/import", csv, Ct);

        import.Number("imported").ShouldBe(1, import.ToJsonString());
        (await host.QueryAsync("SELECT company FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe([company]);
    }

    [Fact]
    public async Task A_preview_shows_five_rows_and_suggests_fields()
    {
        var tenant = await host.ATenantAsync(Ct);
        var csv = "Vorname,Who,Organization,Favourite Fish,Work E-Mail\n"
            + string.Concat(Enumerable.Range(0, 9).Select(number => $"F{number},other{number}@recipient.example,O{number},Cod,lead{number}@recipient.example\n"));

        var preview = await tenant.UploadAsync("leads/import/preview", csv, Ct);

        preview["columns"]!.AsArray().Select(column => $"{column!.Text("name")}: {column!["suggestion"]} {column!["confidence"]}").ShouldBe(
        [
            "Vorname: first_name 0.9", "Who:  0", "Organization: company 0.9", "Favourite Fish: custom.favourite_fish 0.3", "Work E-Mail: email 0.9",
        ]);
        preview["rows"]!.AsArray().Select(row => $"{row![4]}").ShouldBe(Enumerable.Range(0, 5).Select(number => $"lead{number}@recipient.example"));
        preview["problems"]!.AsArray().Single()!.GetValue<string>().ShouldContain("'Who'");
        (await tenant.GetAsync("leads/imports", Ct))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Columns_are_taken_as_mapped()
    {
        var tenant = await host.ATenantAsync(Ct);
        const string csv = "Work mail,Fish,Secret,company\na@recipient.example,Cod,x,C\n";
        var mapping = Uri.EscapeDataString("""{"Work mail":"email","fish":"custom.Fish","Secret":"ignore","company":"name"}""");

        var refused = await (await tenant.SendFileAsync("leads/import", Encoding.UTF8.GetBytes(csv), Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        var import = await tenant.UploadAsync($"leads/import?mapping={mapping}", csv, Ct);
        var custom = await tenant.UploadAsync($"leads/import?unknown=custom&onDuplicate=update&mapping={Uri.EscapeDataString("""{"Work mail":"email"}""")}", csv, Ct);

        refused.Fields().ShouldBe(["columns"]);
        refused.Text("title").ShouldContain("mapping");
        import.Number("imported").ShouldBe(1);
        custom.Number("updated").ShouldBe(1);
        (await host.QueryAsync("SELECT email, name, company, attributes FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId))
            .ShouldBe(["a@recipient.example|C|C|{\"Fish\": \"Cod\", \"fish\": \"Cod\", \"secret\": \"x\"}"]);
    }

    [Theory]
    [InlineData("mapping", "[1]")]
    [InlineData("mapping", "{\"a\":\"phone\"}")]
    [InlineData("mapping", "{\"a\":null}")]
    [InlineData("unknown", "keep")]
    [InlineData("onDuplicate", "merge")]
    public async Task A_wish_that_is_not_understood_is_a_bad_request(string field, string value)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.SendFileAsync($"leads/import?{field}={Uri.EscapeDataString(value)}", "email\na@recipient.example\n"u8.ToArray(), Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
    }

    [Fact]
    public async Task PostgreSQL_has_the_last_word_on_which_addresses_are_the_same()
    {
        var tenant = await host.ATenantAsync(Ct);
        // .NET and PostgreSQL do not agree on the lower case of the first letter.
        const string csv = "email\n\u0130lker@recipient.example\nJürgen@Recipient.example\nJÜRGEN@recipient.example\nilker@recipient.example\n";

        var import = await tenant.UploadAsync("leads/import", csv, Ct);
        var again = await tenant.UploadAsync("leads/import", csv, Ct);

        var stored = await host.QueryAsync("SELECT email FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId);
        import.Number("imported").ShouldBe(stored.Count);
        (import.Number("imported") + import.Number("refused")).ShouldBe(4);
        stored.ShouldContain("jürgen@recipient.example");
        (again.Number("skipped"), again.Number("refused")).ShouldBe((import.Number("imported"), import.Number("refused")));
    }

    [Fact]
    public async Task Refused_rows_are_downloaded_mended_and_imported()
    {
        var tenant = await host.ATenantAsync(Ct);
        var import = await tenant.UploadAsync("leads/import", "email,company\nbad,\"A, B\"\na@recipient.example,C\nA@recipient.example,D\n", Ct);

        var answer = await tenant.Http.GetAsync($"leads/imports/{import.Id()}/refusals.csv", Ct);
        var csv = await answer.Content.ReadAsStringAsync(Ct);
        var mended = await tenant.UploadAsync("leads/import", csv.Replace("bad", "good@recipient.example"), Ct);

        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        csv.ShouldBe("line,reason,email,company\r\n2,The e-mail address is not valid.,bad,\"A, B\"\r\n4,Repeats line 3.,a@recipient.example,\r\n");
        (mended.Number("imported"), mended.Number("skipped")).ShouldBe((1, 1));
        (await host.QueryAsync("SELECT company FROM leads WHERE email = 'good@recipient.example' AND tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["A, B"]);
    }

    [Fact]
    public async Task All_refusals_are_kept_however_many()
    {
        var tenant = await host.ATenantAsync(Ct);

        var import = await tenant.UploadAsync("leads/import", $"email\n{string.Concat(Enumerable.Repeat("bad\n", 2500))}", Ct);
        var csv = await tenant.Http.GetStringAsync($"leads/imports/{import.Id()}/refusals.csv", Ct);

        import.Number("refused").ShouldBe(2500);
        import["refusals"]!.AsArray().Count.ShouldBe(1000);
        csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2501);
    }
}
