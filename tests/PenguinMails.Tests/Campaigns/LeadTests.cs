using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Campaigns;

public sealed class LeadTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lead_is_made_read_changed_and_deleted()
    {
        var tenant = await host.ATenantAsync(Ct);

        var made = await tenant.PostAsync("leads", new
        {
            Email = "Ann@Recipient.example", FirstName = "Ann", LastName = "A", Company = "C", Timezone = "Europe/Zurich",
            Attributes = new Dictionary<string, string> { ["city"] = "Bern", ["fish"] = "Cod" },
        }, Ct);
        var path = $"leads/{made.Id()}";
        var patched = await (await tenant.Http.PatchAsJsonAsync(path, new
        {
            Email = "Anne@recipient.example", Company = "", Status = "archived", Attributes = new Dictionary<string, string> { ["city"] = "", ["zip"] = "3000" },
        }, Ct)).ReadAsync(Ct);

        (made.Text("email"), made.Text("name"), made.Text("status")).ShouldBe(("ann@recipient.example", "Ann A", "active"));
        (patched.Text("email"), patched["company"], patched.Text("status")).ShouldBe(("anne@recipient.example", null, "archived"));
        patched["attributes"]!.AsObject().Select(field => $"{field.Key}: {field.Value}").ShouldBe(["fish: Cod", "zip: 3000"], ignoreOrder: true);
        (await tenant.GetAsync(path, Ct)).ToJsonString().ShouldBe(patched.ToJsonString());
        (await tenant.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_address_is_a_lead_once_without_regard_to_case_and_in_each_tenant()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await tenant.PostAsync("leads", new { Email = "a@recipient.example" }, Ct);
        var second = await tenant.PostAsync("leads", new { Email = "b@recipient.example" }, Ct);

        await (await tenant.Http.PostAsJsonAsync("leads", new { Email = "A@Recipient.example" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await (await tenant.Http.PatchAsJsonAsync($"leads/{second.Id()}", new { Email = "A@recipient.EXAMPLE" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await other.PostAsync("leads", new { Email = "a@recipient.example" }, Ct)).Text("email").ShouldBe("a@recipient.example");
    }

    [Fact]
    public async Task What_became_of_a_lead_is_not_undone()
    {
        var tenant = await host.ATenantAsync(Ct);
        var lead = await tenant.PostAsync("leads", new { Email = "a@recipient.example" }, Ct);
        await host.QueryAsync("UPDATE leads SET status = 'unsubscribed' WHERE id = $1", Ct, lead.Id());

        await (await tenant.Http.PatchAsJsonAsync($"leads/{lead.Id()}", new { Status = "active" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await BulkAsync(tenant, new { Ids = new[] { lead.Id() }, Action = "archive" })).ShouldBe("1 0");
        (await host.QueryAsync("SELECT status FROM leads WHERE id = $1", Ct, lead.Id())).ShouldBe(["unsubscribed"]);
    }

    [Fact]
    public async Task Many_leads_are_changed_at_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.UploadAsync("leads/import", "email,company\na@recipient.example,Acme\nb@recipient.example,ACME Two\nc@recipient.example,Other\n", Ct);
        var ids = (await tenant.GetAsync("leads?sort=email", Ct))["items"]!.AsArray().Select(lead => lead!.Id()).ToArray();
        var list = await tenant.PostAsync("lead-lists", new { Name = "L" }, Ct);
        var acme = new { Company = "acme" };

        (await BulkAsync(tenant, new { Filter = acme, Action = "add_to_list", ListId = list.Id() })).ShouldBe("2 2");
        (await BulkAsync(tenant, new { Ids = ids, Action = "add_to_list", ListId = list.Id() })).ShouldBe("3 1");
        (await BulkAsync(tenant, new { Ids = ids[..1], Action = "remove_from_list", ListId = list.Id() })).ShouldBe("1 1");
        (await BulkAsync(tenant, new { Filter = acme, Action = "add_tag", Tag = "Follow-Up" })).ShouldBe("2 2");
        (await BulkAsync(tenant, new { Ids = ids[..1], Action = "remove_tag", Tag = "follow-up" })).ShouldBe("1 1");
        (await BulkAsync(tenant, new { Filter = new { Tag = "follow-up" }, Action = "set_attribute", Key = "city", Value = "Bern" })).ShouldBe("1 1");
        (await BulkAsync(tenant, new { Filter = new { Attribute = "city:Bern" }, Action = "archive" })).ShouldBe("1 1");

        (await EmailsAsync(tenant, $"leads?sort=-email&listId={list.Id()}")).ShouldBe(["c@recipient.example", "b@recipient.example"]);
        (await EmailsAsync(tenant, "leads?status=archived")).ShouldBe(["b@recipient.example"]);
        (await EmailsAsync(tenant, "leads?attribute=city:Bern")).ShouldBe(["b@recipient.example"]);
        (await EmailsAsync(tenant, "leads?tag=follow-up&company=acme")).ShouldBe(["b@recipient.example"]);
        var lead = await tenant.GetAsync($"leads/{ids[1]}", Ct);
        (lead["tags"]!.ToJsonString(), lead["listIds"]!.ToJsonString()).ShouldBe(("""["follow-up"]""", $"[\"{list.Id()}\"]"));
        (await BulkAsync(tenant, new { Filter = new { }, Action = "restore" })).ShouldBe("3 1");
        (await BulkAsync(tenant, new { Ids = ids, Action = "set_attribute", Key = "city" })).ShouldBe("3 1");
        (await BulkAsync(tenant, new { Filter = acme, Action = "delete" })).ShouldBe("2 2");
        (await EmailsAsync(tenant, "leads?sort=email")).ShouldBe(["c@recipient.example"]);
    }

    [Theory]
    [InlineData("""{"action":"archive"}""", "ids")]
    [InlineData("""{"action":"archive","ids":[],"filter":{}}""", "ids")]
    [InlineData("""{"action":"burn","ids":[]}""", "action")]
    [InlineData("""{"action":"add_to_list","ids":[]}""", "listId")]
    [InlineData("""{"action":"add_tag","ids":[]}""", "tag")]
    [InlineData("""{"action":"set_attribute","ids":[]}""", "key")]
    [InlineData("""{"action":"archive","filter":{"status":"none"}}""", "filter.status")]
    public async Task A_bulk_change_that_is_not_understood_is_refused(string body, string field)
    {
        var tenant = await host.ATenantAsync(Ct);

        var answer = await tenant.Http.PostAsync("leads/bulk", new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field], StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Another_tenants_leads_lists_and_tags_are_out_of_reach()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var theirs = await other.PostAsync("leads", new { Email = "a@recipient.example" }, Ct);
        var list = await other.PostAsync("lead-lists", new { Name = "L" }, Ct);
        await host.QueryAsync("INSERT INTO tags (value, name, tenant_id) VALUES ('theirs', 'T', $1)", Ct, other.TenantId);

        (await BulkAsync(tenant, new { Ids = new[] { theirs.Id() }, Action = "delete" })).ShouldBe("0 0");
        (await tenant.Http.PostAsJsonAsync("leads/bulk", new { Filter = new { }, Action = "add_to_list", ListId = list.Id() }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.Http.PostAsJsonAsync("leads/bulk", new { Filter = new { }, Action = "add_tag", Tag = "theirs" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await EmailsAsync(other, "leads?sort=email")).ShouldBe(["a@recipient.example"]);
    }

    [Fact]
    public async Task A_lead_that_a_campaign_writes_to_is_not_deleted()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, 2, Ct);
        var leads = (await scene.Tenant.GetAsync("leads?sort=email", Ct))["items"]!.AsArray().Select(lead => lead!.Id()).ToArray();
        await host.QueryAsync("UPDATE campaigns SET status = 'paused' WHERE id = $1", Ct, scene.Id);

        await (await scene.Tenant.Http.DeleteAsync($"leads/{leads[0]}", Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await BulkAsync(scene.Tenant, new { Ids = leads, Action = "delete" })).ShouldBe("2 0");
        await host.QueryAsync("UPDATE campaign_leads SET status = 'completed', next_run = NULL WHERE lead_id = $1", Ct, leads[0]);
        (await BulkAsync(scene.Tenant, new { Ids = leads, Action = "delete" })).ShouldBe("2 1");
        (await EmailsAsync(scene.Tenant, "leads?sort=email")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_list_has_a_name_of_its_own_and_leaves_its_leads_behind()
    {
        var tenant = await host.ATenantAsync(Ct);
        var import = await tenant.UploadAsync("leads/import?list=First", "email\na@recipient.example\n", Ct);
        var second = await tenant.PostAsync("lead-lists", new { Name = "Second" }, Ct);

        await (await tenant.Http.PostAsJsonAsync("lead-lists", new { Name = "FIRST" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await (await tenant.Http.PatchAsJsonAsync($"lead-lists/{second.Id()}", new { Name = "first" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await tenant.Http.PatchAsJsonAsync($"lead-lists/{second.Id()}", new { Name = "Other" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.DeleteAsync($"lead-lists/{import["listId"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.GetAsync("lead-lists", Ct))["items"]!.AsArray().Select(list => list!.Text("name")).ShouldBe(["Other"]);
        (await EmailsAsync(tenant, "leads?sort=email")).ShouldBe(["a@recipient.example"]);
    }

    private static async Task<string> BulkAsync(TenantClient tenant, object body)
    {
        var answer = await tenant.PostAsync("leads/bulk", body, Ct);
        return $"{answer["matched"]} {answer["changed"]}";
    }

    private static async Task<IReadOnlyList<string>> EmailsAsync(TenantClient tenant, string path) =>
        [.. (await tenant.GetAsync(path, Ct))["items"]!.AsArray().Select(lead => lead!.Text("email"))];
}
