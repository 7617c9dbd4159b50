using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Campaigns;

/// <summary>No lead lost and none doubled, whenever the host that imports them dies.</summary>
public sealed class ImportCrashTests(HostFixture host)
{
    private const int Rows = 5000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_import_whose_host_is_killed_while_merging_is_finished_by_another()
    {
        DataDirectory.NeedsUnix();
        var tenant = await host.ATenantAsync(Ct);
        await tenant.UploadAsync("leads/import", "email,first_name\nlead7@recipient.example,Known\n", Ct);
        await using var doomed = await HostProcess.BesideAsync(host, Ct, "--Imports:LeaseSeconds=3", "--Imports:ChunkRows=100");
        // Somebody is writing the very lead that the merge comes to in its midst: it has inserted others, and waits.
        await using var other = await host.AdministratorAsync(Ct);
        await using var writing = await other.BeginTransactionAsync(Ct);
        await using (var insert = new Npgsql.NpgsqlCommand("INSERT INTO leads (tenant_id, email) VALUES ($1, 'lead5@recipient.example')", other))
        {
            insert.Parameters.AddWithValue(tenant.TenantId);
            await insert.ExecuteNonQueryAsync(Ct);
        }

        var upload = SwallowAsync(doomed.For(tenant).SendFileAsync("leads/import?list=L", System.Text.Encoding.UTF8.GetBytes(LeadScene.Csv(Rows)), Ct));
        var import = await Given.EventuallyAsync(async () => (await tenant.GetAsync("leads/imports", Ct))["items"]!.AsArray()[0]!,
            found => found["progress"]?["rows"]?.GetValue<int>() > 1000 && found.Text("status") == "running", Ct);
        doomed.Kill();
        await doomed.EndedAsync(Ct);
        await upload;
        await writing.RollbackAsync(Ct);
        var over = await tenant.ImportOverAsync(import.Id(), Ct);

        (over.Text("status"), over.Number("imported"), over.Number("skipped"), over.Number("refused")).ShouldBe(("completed", Rows - 1, 1, 0));
        await EachOnceAsync(tenant, "SELECT count(*), count(DISTINCT email) FROM leads WHERE tenant_id = $1");
        await EachOnceAsync(tenant, "SELECT count(*), count(DISTINCT lead_id) FROM lead_list_members WHERE tenant_id = $1");
        await Given.EventuallyAsync(() => host.QueryAsync("SELECT 1 FROM lead_import_rows WHERE tenant_id = $1", Ct, tenant.TenantId), rows => rows.Count == 0, Ct);
    }

    [Fact]
    public async Task An_upload_whose_host_is_killed_is_sent_again_under_its_key()
    {
        DataDirectory.NeedsUnix();
        var tenant = await host.ATenantAsync(Ct);
        await using var doomed = await HostProcess.BesideAsync(host, Ct, "--Imports:LeaseSeconds=3");
        var body = new SlowContent(LeadScene.Csv(Rows));
        using var form = new MultipartFormDataContent { { body, "file", "leads.csv" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "leads/import?list=L") { Content = form };
        request.Headers.Add("Idempotency-Key", "again");
        var upload = SwallowAsync(doomed.For(tenant).Http.SendAsync(request, Ct));
        var import = (await Given.EventuallyAsync(async () => (await tenant.GetAsync("leads/imports", Ct))["items"]!.AsArray().SingleOrDefault(),
            found => found?["progress"]?["rows"]?.GetValue<int>() > 0, Ct))!;

        doomed.Kill();
        await doomed.EndedAsync(Ct);
        body.End();
        await upload;
        var over = await tenant.ImportOverAsync(import.Id(), Ct);
        var leads = await host.QueryAsync("SELECT count(*) FROM leads WHERE tenant_id = $1", Ct, tenant.TenantId);
        tenant.Http.DefaultRequestHeaders.Add("Idempotency-Key", "again");
        var again = await tenant.UploadAsync("leads/import?list=L", LeadScene.Csv(Rows), Ct);

        over.Text("status").ShouldBe("failed");
        over.Text("error").ShouldContain("interrupted");
        leads.ShouldBe(["0"]);
        again.Id().ShouldBe(import.Id());
        again.Number("imported").ShouldBe(Rows);
        await EachOnceAsync(tenant, "SELECT count(*), count(DISTINCT email) FROM leads WHERE tenant_id = $1");
    }

    private async Task EachOnceAsync(TenantClient tenant, string counts) =>
        (await host.QueryAsync(counts, Ct, tenant.TenantId)).ShouldBe([$"{Rows}|{Rows}"]);

    // The answer of a host that was killed does not come.
    private static async Task SwallowAsync(Task request)
    {
        try
        {
            await request;
        }
        catch (HttpRequestException)
        {
        }
    }
}
