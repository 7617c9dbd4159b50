using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

public sealed class CampaignLeadTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Active_leads_are_added_by_list_or_by_id_each_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        var list = await tenant.AListAsync(4, Ct);
        var leads = (await tenant.GetAsync("leads?sort=email", Ct))["items"]!.AsArray().Select(lead => lead!.Id()).ToList();
        await tenant.Http.PatchAsJsonAsync($"leads/{leads[3]}", new { Status = "archived" }, Ct);
        var path = $"campaigns/{(await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).Id()}/leads";

        var byId = await tenant.PostAsync(path, new { LeadIds = new[] { leads[0], leads[0], leads[3] } }, Ct);
        var byList = await tenant.PostAsync(path, new { ListId = list }, Ct);
        var again = await tenant.PostAsync(path, new { ListId = list }, Ct);

        new[] { byId, byList, again }.Select(answer => answer.Number("added")).ShouldBe([1, 2, 0]);
        (await ListAsync(tenant, path)).Select(item => item["leadId"]!.GetValue<Guid>()).ShouldBe(leads[..3], ignoreOrder: true);
    }

    [Fact]
    public async Task Whoever_there_is_not_is_not_added_and_nobody_with_them()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.AListAsync(1, Ct);
        var lead = (await tenant.GetAsync("leads", Ct))["items"]![0]!.Id();
        var path = $"campaigns/{(await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).Id()}/leads";

        var unknown = new[]
        {
            await tenant.Http.PostAsJsonAsync(path, new { LeadIds = new[] { lead, Guid.CreateVersion7() } }, Ct),
            await tenant.Http.PostAsJsonAsync(path, new { ListId = Guid.CreateVersion7() }, Ct),
        };
        var malformed = new[]
        {
            await tenant.Http.PostAsJsonAsync(path, new { }, Ct),
            await tenant.Http.PostAsJsonAsync(path, new { LeadIds = Array.Empty<Guid>() }, Ct),
            await tenant.Http.PostAsJsonAsync(path, new { ListId = lead, LeadIds = new[] { lead } }, Ct),
        };

        unknown.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.NotFound);
        malformed.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.BadRequest);
        (await ListAsync(tenant, path)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Enrollments_are_paged_and_filtered_by_state()
    {
        var tenant = await host.ATenantAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [], await tenant.AListAsync(5, Ct), Ct);
        var path = $"campaigns/{scene.Id}/leads";

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = await tenant.GetAsync($"{path}?limit=2&status=pending{cursor}", Ct);
            seen.AddRange(page["items"]!.AsArray().Select(item => item!.Text("email")));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        seen.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(1, 5).Select(number => $"lead{number}@recipient.example"));
        (await ListAsync(tenant, $"{path}?status=exited")).ShouldBeEmpty();
        (await tenant.Http.GetAsync($"{path}?status=gone", Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_lead_is_taken_out_before_the_launch_without_a_trace_and_afterwards_exits()
    {
        var (scene, leads) = await IdleAsync(leads: 3);
        var (tenant, path) = (scene.Tenant, $"campaigns/{scene.Id}/leads");

        (await tenant.Http.DeleteAsync($"{path}/{leads[0]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await scene.LaunchAsync(Ct);
        await Given.EventuallyAsync(() => scene.StateAsync(Ct), state => state["progress"]!["leads"]!["active"]?.GetValue<int>() == 2, Ct);
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/pause", new { }, Ct);
        var removed = await Given.EventuallyAsync(
            () => tenant.Http.DeleteAsync($"{path}/{leads[1]}", Ct), answer => answer.StatusCode == HttpStatusCode.NoContent, Ct);
        var again = await tenant.Http.DeleteAsync($"{path}/{leads[1]}", Ct);
        var gone = await tenant.Http.DeleteAsync($"{path}/{leads[0]}", Ct);

        removed.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await again.ProblemAsync(HttpStatusCode.Conflict, Ct);
        gone.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var exited = (await ListAsync(tenant, $"{path}?status=exited")).Single();
        (exited["leadId"]!.GetValue<Guid>(), exited.Text("exitReason"), exited["nextRun"]).ShouldBe((leads[1], "removed", null));
        (await ListAsync(tenant, path)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_lead_whose_message_is_being_sent_is_not_taken_out()
    {
        var (scene, leads) = await IdleAsync(leads: 1);
        await scene.LaunchAsync(Ct);
        await scene.Tenant.PostAsync($"campaigns/{scene.Id}/pause", new { }, Ct);
        await host.QueryAsync("UPDATE campaign_leads SET lease_until = now() + interval '1 hour' WHERE campaign_id = $1", Ct, scene.Id);

        var answer = await scene.Tenant.Http.DeleteAsync($"campaigns/{scene.Id}/leads/{leads[0]}", Ct);

        (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("being sent");
    }

    [Fact]
    public async Task Leads_that_are_added_to_a_launched_campaign_are_written_to_as_well()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var list = await tenant.AListOfAsync("email\nfirst@recipient.example\n", Ct);
        var template = await tenant.ATemplateAsync(Ct, "Hello");
        // The second step keeps it from ending.
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], list, Ct,
            CampaignScene.Email(template), CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(template));
        await scene.LaunchAsync(Ct);
        await Given.EventuallyAsync(() => Task.FromResult(sink.Taken.Count), taken => taken == 1, Ct);
        var late = await tenant.PostAsync("leads", new { Email = "late@recipient.example" }, Ct);

        await tenant.PostAsync($"campaigns/{scene.Id}/leads", new { LeadIds = new[] { late.Id() } }, Ct);

        await Given.EventuallyAsync(() => Task.FromResult(sink.Taken.Count), taken => taken == 2, Ct);
        sink.Taken.Select(message => message.To.ToString()).ShouldBe(["first@recipient.example", "late@recipient.example"]);
    }

    private async Task<(CampaignScene Scene, IReadOnlyList<Guid> Leads)> IdleAsync(int leads)
    {
        var tenant = await host.ATenantAsync(Ct);
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(leads, Ct), Ct,
            CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
        return (scene, [.. (await tenant.GetAsync("leads?sort=email", Ct))["items"]!.AsArray().Select(lead => lead!.Id())]);
    }

    private static async Task<IReadOnlyList<JsonNode>> ListAsync(TenantClient tenant, string path) =>
        [.. (await tenant.GetAsync(path, Ct))["items"]!.AsArray().Select(item => item!)];
}
