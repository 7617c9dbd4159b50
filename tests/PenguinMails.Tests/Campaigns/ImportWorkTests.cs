using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

/// <summary>An import while it works: progress, cancelling, limits, and whoever is not written to any more.</summary>
public sealed class ImportWorkTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Progress_is_streamed_until_the_import_is_over()
    {
        var tenant = await host.ATenantAsync(Ct);
        await using var hold = await Hold.OnAsync(host, tenant, Ct);
        var import = await tenant.UploadApartAsync(LeadScene.Csv(100), Ct, "&list=L");
        using var stream = new StreamReader(await tenant.Http.GetStreamAsync($"leads/imports/{import.Id()}/progress", Ct));

        var first = await EventAsync(stream);
        await hold.DisposeAsync();
        var (last, name) = (first, "");
        while (name is "" or "progress")
        {
            last = await EventAsync(stream);
            name = last.Name;
        }

        first.Name.ShouldBe("progress");
        first.Data.Text("status").ShouldBe("running");
        first.Data["progress"]!.Number("totalRows").ShouldBe(100);
        name.ShouldBe("completed");
        last.Data.Number("imported").ShouldBe(100);
        (await stream.ReadToEndAsync(Ct)).Trim().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_canceled_import_makes_no_lead()
    {
        var tenant = await host.ATenantAsync(Ct);
        await using var hold = await Hold.OnAsync(host, tenant, Ct);
        var import = await tenant.UploadApartAsync(LeadScene.Csv(100), Ct, "&list=L");

        var canceled = await tenant.PostAsync($"leads/imports/{import.Id()}/cancel", new { }, Ct);
        await hold.DisposeAsync();

        canceled.Text("status").ShouldBe("canceled");
        await (await tenant.Http.PostAsJsonAsync($"leads/imports/{import.Id()}/cancel", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        // The next import of the tenant comes after whatever became of the canceled one.
        (await tenant.UploadAsync("leads/import", "email\nlast@recipient.example\n", Ct)).Number("imported").ShouldBe(1);
        (await host.QueryAsync("SELECT email FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["last@recipient.example"]);
        await Given.EventuallyAsync(() => host.QueryAsync("SELECT 1 FROM lead_import_rows WHERE tenant_id = $1", Ct, tenant.TenantId), rows => rows.Count == 0, Ct);
        (await tenant.GetAsync($"leads/imports/{import.Id()}", Ct)).Text("status").ShouldBe("canceled");
    }

    [Fact]
    public async Task An_upload_that_is_canceled_is_answered_so()
    {
        var tenant = await host.ATenantAsync(Ct);
        var body = new SlowContent("email\n");
        using var form = new MultipartFormDataContent { { body, "file", "leads.csv" } };
        var upload = tenant.Http.PostAsync("leads/import", form, Ct);
        await body.WriteAsync(string.Concat(Enumerable.Repeat("a@recipient.example\n", 10_000)));

        var import = (await Given.EventuallyAsync(async () => (await tenant.GetAsync("leads/imports", Ct))["items"]!.AsArray().SingleOrDefault(), found => found is not null, Ct))!;
        await tenant.PostAsync($"leads/imports/{import.Id()}/cancel", new { }, Ct);
        body.End();

        await (await upload).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await host.QueryAsync("SELECT count(*) FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task Whoever_is_suppressed_is_refused()
    {
        var tenant = await host.ATenantAsync(Ct);
        await SuppressAsync("mine@recipient.example", tenant.TenantId, null);
        await SuppressAsync("company@recipient.example", tenant.TenantId, tenant.CompanyId);
        var everybodys = $"{Guid.CreateVersion7():N}@recipient.example";
        await SuppressAsync(everybodys, null, null);

        var import = await tenant.UploadAsync("leads/import?list=L", $"email\nMine@recipient.example\ncompany@recipient.example\n{everybodys}\na@recipient.example\n", Ct);

        import["refusals"]!.AsArray().Select(row => row!.Number("line")).ShouldBe([2, 4]);
        import["refusals"]!.AsArray().ShouldAllBe(row => row!.Text("reason").Contains("suppressed"));
        (import.Number("imported"), import.Number("refused")).ShouldBe((2, 2));
        var answer = await tenant.Http.PostAsJsonAsync("leads", new { Email = "MINE@recipient.example" }, Ct);
        (await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["email"]);
    }

    [Fact]
    public async Task An_import_that_only_makes_a_list_makes_no_lead()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.UploadAsync("leads/import", "email,company\na@recipient.example,A\nb@recipient.example,B\n", Ct);

        var without = await tenant.SendFileAsync("leads/import?onDuplicate=list_only", "email\na@recipient.example\n"u8.ToArray(), Ct);
        var import = await tenant.UploadAsync("leads/import?onDuplicate=list_only&list=L", "email,company\nA@recipient.example,Other\nc@recipient.example,C\n", Ct);

        (await without.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["list"]);
        (import.Number("imported"), import.Number("updated"), import.Number("skipped"), import.Number("refused")).ShouldBe((0, 0, 1, 1));
        import["refusals"]![0]!.Text("email").ShouldBe("c@recipient.example");
        (await tenant.GetAsync($"leads?listId={import["listId"]}", Ct))["items"]!.AsArray().Select(lead => $"{lead!["email"]} {lead["company"]}")
            .ShouldBe(["a@recipient.example A"]);
    }

    [Fact]
    public async Task Beyond_the_plan_an_import_that_nobody_waits_for_says_why_it_failed()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.UploadAsync("leads/import", LeadScene.Csv(9_990), Ct);

        var import = await tenant.UploadApartAsync(LeadScene.Csv(20, "more"), Ct);
        var over = await tenant.ImportOverAsync(import.Id(), Ct);
        var fits = await tenant.UploadAsync("leads/import", LeadScene.Csv(10, "fits"), Ct);

        over.Text("status").ShouldBe("failed");
        over.Text("error").ShouldContain("10000 contacts");
        fits.Number("imported").ShouldBe(10);
        (await host.QueryAsync("SELECT count(*) FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["10000"]);
        await Given.EventuallyAsync(() => host.QueryAsync("SELECT 1 FROM lead_import_rows WHERE tenant_id = $1", Ct, tenant.TenantId), rows => rows.Count == 0, Ct);
    }

    [Fact]
    public async Task Rows_that_the_server_lost_are_said_to_be_lost()
    {
        var tenant = await host.ATenantAsync(Ct);
        var hold = await Hold.OnAsync(host, tenant, Ct);
        var import = await tenant.UploadApartAsync(LeadScene.Csv(100), Ct);

        // As a crash of the server does to an unlogged table.
        await host.QueryAsync("DELETE FROM lead_import_rows WHERE tenant_id = $1", Ct, tenant.TenantId);
        await hold.DisposeAsync();
        var over = await tenant.ImportOverAsync(import.Id(), Ct);

        over.Text("status").ShouldBe("failed");
        over.Text("error").ShouldContain("send the file again");
    }

    private Task<IReadOnlyList<string>> SuppressAsync(string email, Guid? tenant, Guid? company) => host.QueryAsync(
        $"""
        INSERT INTO suppressions (tenant_id, company_id, email_hash, email, reason)
        VALUES ({Literal(tenant)}, {Literal(company)}, sha256(convert_to('{email}', 'UTF8')), '{email}', 'manual')
        """, Ct);

    private static string Literal(Guid? id) => id is null ? "NULL" : $"'{id}'";

    private static async Task<(string Name, JsonNode Data)> EventAsync(StreamReader stream)
    {
        var (name, data) = ("", "");
        while (await stream.ReadLineAsync(Ct) is { } line)
        {
            if (line == "" && data != "")
            {
                return (name, JsonNode.Parse(data)!);
            }

            name = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : name;
            data = line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] : data;
        }

        throw new InvalidOperationException("The stream ended.");
    }
}
