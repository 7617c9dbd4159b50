using PenguinMails.Tests.Processes;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class ImportTests(HostFixture host)
{
    private const string WhatIsWritten = """
        SELECT (SELECT count(*) FROM leads WHERE tenant_id = $1) + (SELECT count(*) FROM lead_lists WHERE tenant_id = $1)
             + (SELECT count(*) FROM lead_imports WHERE tenant_id = $1) + (SELECT count(*) FROM lead_list_members WHERE tenant_id = $1)
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("email,nose\na@recipient.example,big\n", "columns", "'nose'")]
    [InlineData("name,company\nAnn,Some\n", "columns", "'email'")]
    [InlineData("email,E-Mail\na@recipient.example,b@recipient.example\n", "columns", "email")]
    [InlineData("", "file", "empty")]
    [InlineData("email,name\na@recipient.example,\"never closed\nb@recipient.example,B\n", "file", "Line")]
    public async Task Refuses_a_file_that_cannot_be_read_and_writes_nothing(string csv, string field, string words)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.SendFileAsync("leads/import?list=L", Encoding.UTF8.GetBytes(csv), Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        problem.Fields().ShouldBe([field]);
        problem["errors"]![field]![0]!.GetValue<string>().ShouldContain(words);
        (await host.QueryAsync(WhatIsWritten, Ct, tenant.TenantId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task Refuses_a_form_without_the_file_and_a_body_that_is_no_form()
    {
        var tenant = await host.ATenantAsync(Ct);
        using var form = new MultipartFormDataContent { { new ByteArrayContent("email\na@recipient.example\n"u8.ToArray()), "other", "leads.csv" } };

        var without = await tenant.Http.PostAsync("leads/import", form, Ct);
        var json = await tenant.Http.PostAsJsonAsync("leads/import", new { File = "email" }, Ct);

        (await without.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["file"]);
        await json.ProblemAsync(HttpStatusCode.UnsupportedMediaType, Ct);
        (await host.QueryAsync(WhatIsWritten, Ct, tenant.TenantId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task Refuses_an_unknown_way_to_treat_duplicates()
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.SendFileAsync("leads/import?onDuplicate=merge", "email\na@recipient.example\n"u8.ToArray(), Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["onDuplicate"]);
    }

    [Fact]
    public async Task Reports_each_row_that_it_leaves_out_by_line_and_reason()
    {
        var tenant = await host.ATenantAsync(Ct);
        byte[] csv =
        [
            .. "email,first_name,last_name,name,company\n"u8,                                           // 1
            .. "good1@recipient.example,Ann,A,,\"Two\nlines\"\n"u8,                                     // 2 and 3
            .. ",Nöbödy,,,\n"u8,                                                                        // 4: the file is UTF-8
            .. "not an address,,,,\n"u8,                                                                // 5
            .. "nodot@host,,,,\n"u8,                                                                    // 6
            .. "broken@recipient.example,B"u8, 0xC3, 0x28, .. ",,,\n"u8,                                // 7
            .. "GOOD1@Recipient.Example,Again,,,\n"u8,                                                  // 8
            .. Encoding.UTF8.GetBytes($"long1@recipient.example,{new string('x', 101)},,,\n"),          // 9
            .. Encoding.UTF8.GetBytes($"long2@recipient.example,,,{new string('x', 201)},\n"),          // 10
            .. Encoding.UTF8.GetBytes($"{new string('x', 250)}@recipient.example,,,,\n"),               // 11
            .. "short@recipient.example\n"u8,                                                           // 12
            .. "good1@recipient.example,Third,,,\n"u8,                                                  // 13
        ];

        var import = await (await tenant.SendFileAsync("leads/import?list=L", csv, Ct)).ReadAsync(Ct);

        import["refusals"]!.AsArray().Select(row => $"{row!.Number("line")}: {row!.Text("reason")}").ShouldBe(
        [
            "4: The e-mail address is missing.",
            "5: The e-mail address is not valid.",
            "6: The e-mail address is not valid.",
            "7: The line is not valid UTF-8.",
            "8: Repeats line 2.",
            "9: The first name is too long.",
            "10: The name is too long.",
            "11: The e-mail address is not valid.",
            "13: Repeats line 2.",
        ]);
        Counts(import).ShouldBe("total 11, imported 2, updated 0, skipped 0, refused 9");
        (await EmailsAsync(tenant, import)).ShouldBe(["good1@recipient.example", "short@recipient.example"]);
        (await RowsAsync(tenant)).ShouldContain("good1@recipient.example|Ann A|Ann|A|Two\nlines|{}");
    }

    [Theory]
    [InlineData("email,first_name,company,custom.city\na@recipient.example,Ann,\"A, Inc.\",Bern\nb@recipient.example,Bob,B,\n")]
    [InlineData("email;first_name;company;custom.city\na@recipient.example;Ann;A, Inc.;Bern\nb@recipient.example;Bob;B;\n")]
    [InlineData("email\tfirst_name\tcompany\tcustom.city\na@recipient.example\tAnn\tA, Inc.\tBern\nb@recipient.example\tBob\tB\t\n")]
    [InlineData("\uFEFFemail,first_name,company,custom.city\r\na@recipient.example,Ann,\"A, Inc.\",Bern\r\nb@recipient.example,Bob,B,\r\n")]
    [InlineData("\uFEFFE-Mail;First Name;Company Name;custom.city\r\n\" A@Recipient.Example \";\"Ann\";\"A, Inc.\";Bern\r\nB@recipient.example;Bob;B;")]
    public async Task Reads_the_common_ways_to_write_a_table(string csv)
    {
        var tenant = await host.ATenantAsync(Ct);

        var import = await tenant.UploadAsync("leads/import", csv, Ct);

        Counts(import).ShouldBe("total 2, imported 2, updated 0, skipped 0, refused 0");
        (await RowsAsync(tenant)).ShouldBe(["a@recipient.example|Ann|Ann||A, Inc.|{\"city\": \"Bern\"}", "b@recipient.example|Bob|Bob||B|{}"]);
    }

    [Fact]
    public async Task A_known_lead_is_skipped_or_updated_as_asked_and_joins_the_list_either_way()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.UploadAsync("leads/import?list=First", "email,first_name,company,custom.city\na@recipient.example,Ann,Old,Bern\n", Ct);
        const string again = "email,first_name,company,custom.zip\nA@recipient.example,,New,3000\nb@recipient.example,Bob,B,\n";

        var skipped = await tenant.UploadAsync("leads/import?list=Second", again, Ct);
        Counts(skipped).ShouldBe("total 2, imported 1, updated 0, skipped 1, refused 0");
        (await RowsAsync(tenant))[0].ShouldBe("a@recipient.example|Ann|Ann||Old|{\"city\": \"Bern\"}");
        (await EmailsAsync(tenant, skipped)).ShouldBe(["a@recipient.example", "b@recipient.example"]);

        var updated = await tenant.UploadAsync("leads/import?list=%20second%20&onDuplicate=update", again, Ct);
        Counts(updated).ShouldBe("total 2, imported 0, updated 2, skipped 0, refused 0");
        (await RowsAsync(tenant))[0].ShouldBe("a@recipient.example|Ann|Ann||New|{\"zip\": \"3000\", \"city\": \"Bern\"}");
        updated["listId"]!.GetValue<Guid>().ShouldBe(skipped["listId"]!.GetValue<Guid>());
        (await tenant.GetAsync("lead-lists", Ct))["items"]!.AsArray().Select(list => $"{list!.Text("name")} {list!.Number("leads")}")
            .ShouldBe(["Second 2", "First 1"]);
    }

    [Fact]
    public async Task A_list_of_another_tenant_shows_nothing()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var (own, others) = (await tenant.AListAsync(3, Ct), await other.AListAsync(2, Ct));

        (await tenant.GetAsync($"leads?listId={own}", Ct))["items"]!.AsArray().Count.ShouldBe(3);
        (await tenant.GetAsync($"leads?listId={others}", Ct))["items"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task The_same_key_answers_the_same_import_which_is_made_once()
    {
        var tenant = await host.ATenantAsync(Ct);

        var first = await (await SendAsync(tenant, "leads/import?list=L", "email\na@recipient.example\n", "key-1")).ReadAsync(Ct);
        var again = await (await SendAsync(tenant, "leads/import?list=L", "email\nb@recipient.example\n", "key-1")).ReadAsync(Ct);
        var other = await (await SendAsync(tenant, "leads/import?list=L", "email\nb@recipient.example\n", "key-2")).ReadAsync(Ct);

        again.ToJsonString().ShouldBe(first.ToJsonString());
        other.Id().ShouldNotBe(first.Id());
        (await host.QueryAsync("SELECT idempotency_key FROM lead_imports WHERE tenant_id = $1 ORDER BY 1", Ct, tenant.TenantId))
            .ShouldBe(["key-1", "key-2"]);
    }

    [Fact]
    public async Task The_same_key_many_times_at_once_imports_once_and_fails_for_nobody()
    {
        var tenant = await host.ATenantAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => SendAsync(tenant, "leads/import", "email\na@recipient.example\n", "key")));

        (await host.QueryAsync("SELECT count(*) FROM lead_imports WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["1"]);
        answers.Select(answer => (int)answer.StatusCode).ShouldAllBe(status => status == 200 || status == 409);
    }

    [Fact]
    public async Task Files_that_arrive_together_for_a_new_list_all_join_it()
    {
        var tenant = await host.ATenantAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(number =>
            SendAsync(tenant, "leads/import?list=New", $"email\nlead{number}@recipient.example\n", null)));

        answers.Select(answer => (int)answer.StatusCode).ShouldAllBe(status => status == 200);
        (await tenant.GetAsync("lead-lists", Ct))["items"]!.AsArray().Single()!.Number("leads").ShouldBe(8);
    }

    [Fact]
    public async Task A_file_beyond_the_plans_contacts_is_refused_whole()
    {
        var tenant = await host.ATenantAsync(Ct);
        var rows = new StringBuilder("email\n");
        foreach (var number in Enumerable.Range(1, 10_001))
        {
            rows.Append($"lead{number}@recipient.example\n");
        }

        var answer = await tenant.SendFileAsync("leads/import?list=L", Encoding.UTF8.GetBytes(rows.ToString()), Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        problem.Text("title").ShouldContain("10000 contacts");
        (await host.QueryAsync(WhatIsWritten, Ct, tenant.TenantId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task An_upload_over_the_limit_is_answered_413_and_writes_nothing_whether_its_length_is_told_or_not()
    {
        var tenant = await host.ATenantAsync(Ct);
        await using var small = await HostProcess.BesideAsync(host, Ct, "--Imports:MaxFileBytes=4096");
        using var http = small.For(tenant).Http;
        var client = tenant with { Http = http };
        var line = $"a@recipient.example,{new string('x', 90)}\n";
        var csv = Encoding.UTF8.GetBytes($"email,name\n{string.Concat(Enumerable.Repeat(line, 200))}");

        foreach (var chunked in new[] { false, true })
        {
            http.DefaultRequestHeaders.TransferEncodingChunked = chunked;
            var answer = await client.SendFileAsync("leads/import?list=L", csv, Ct);
            var fits = await client.SendFileAsync($"leads/import?list=Fits{chunked}", Encoding.UTF8.GetBytes($"email\n{chunked}@recipient.example\n"), Ct);

            await answer.ProblemAsync(HttpStatusCode.RequestEntityTooLarge, Ct);
            (await fits.ReadAsync(Ct)).Number("imported").ShouldBe(1);
        }

        (await host.QueryAsync("SELECT name FROM lead_lists WHERE tenant_id = $1 ORDER BY name", Ct, tenant.TenantId)).ShouldBe(["FitsFalse", "FitsTrue"]);
    }

    private static async Task<HttpResponseMessage> SendAsync(TenantClient tenant, string path, string csv, string? key)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(csv)), "file", "leads.csv" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = form };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await tenant.Http.SendAsync(request, Ct);
    }

    private static string Counts(JsonNode import) =>
        $"total {import["totalRows"]}, imported {import["imported"]}, updated {import["updated"]}, skipped {import["skipped"]}, refused {import["refused"]}";

    private static async Task<IReadOnlyList<string>> EmailsAsync(TenantClient tenant, JsonNode import) =>
        [.. (await tenant.GetAsync($"leads?listId={import["listId"]}", Ct))["items"]!.AsArray().Select(lead => lead!.Text("email"))
            .Order(StringComparer.Ordinal)];

    private Task<IReadOnlyList<string>> RowsAsync(TenantClient tenant) => host.QueryAsync(
        "SELECT email, name, first_name, last_name, company, attributes FROM leads WHERE tenant_id = $1 ORDER BY email", Ct, tenant.TenantId);
}
