using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

/// <summary>All that a server can do wrong, mixed at random into one campaign.</summary>
public sealed class MixedFaultsTests(HostFixture host)
{
    private const int Leads = 600;

    private sealed record Row(string To, string Status, int Attempts, int DueIn);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_message_ends_as_its_fault_says_and_the_sums_are_right()
    {
        var seed = Random.Shared.Next();
        await using var sink = new MixedSink(MixedSink.Plan(Leads, new Random(seed)));
        var scene = await LaunchAsync(sink);

        await Given.EventuallyAsync(() => host.QueryAsync("""
            SELECT count(*) FROM campaign_leads WHERE campaign_id = $1 AND status IN ('pending', 'active') AND next_run <= now()
            """, Ct, scene.Id), rows => rows is ["0"], Ct, seconds: 90);
        var story = $"seed {seed}";
        foreach (var row in await RowsAsync(scene))
        {
            IsAsAtFirst(row, sink.Dealt[row.To], $"{row}, {sink.Dealt[row.To]}, {story}");
        }

        // Hours later, all of it.
        await Given.EventuallyAsync(() => LaterAsync(scene), state => state.Text("status") == "completed", Ct, seconds: 60);
        var ended = await RowsAsync(scene);
        ended.Count.ShouldBe(Leads, story);
        sink.Dealt.Count.ShouldBe(Leads, story);
        ended.Where(row => row.Status != EndOf(sink.Dealt[row.To])).Select(row => $"{row}, {sink.Dealt[row.To]}").ShouldBeEmpty(story);
        // Nobody has it twice, and everybody has it whose message says so.
        sink.Delivered.ShouldBeUnique(story);
        sink.Delivered.Order(StringComparer.Ordinal).ShouldBe(
            sink.Dealt.Where(dealt => dealt.Value == Fault.DroppedAfterDot || EndOf(dealt.Value) == "sent").Select(dealt => dealt.Key).Order(StringComparer.Ordinal),
            story);
        (await host.QueryAsync("SELECT count(*) FROM suppressions WHERE tenant_id = $1 AND reason = 'hard_bounce'", Ct, scene.Tenant.TenantId))
            .ShouldBe([$"{sink.Dealt.Values.Count(fault => EndOf(fault) == "bounced")}"], story);
    }

    private static string EndOf(Fault fault) => fault switch
    {
        Fault.RefusedAtRecipient or Fault.RefusedAtData or Fault.RefusedAfterDot => "bounced",
        Fault.DroppedInText or Fault.DroppedAfterDot => "in_doubt",
        _ => "sent",
    };

    private static void IsAsAtFirst(Row row, Fault fault, string story)
    {
        switch (fault)
        {
            case Fault.DeferredAtRecipient or Fault.DeferredAtData or Fault.DeferredAfterDot or Fault.Closing:
                (row.Status, row.Attempts).ShouldBe(("queued", 1), story);
                row.DueIn.ShouldBeInRange(3 * 60, 7 * 60, story);
                break;
            // Tried again, at once or later: the recipient has nothing to do with it.
            case Fault.DroppedAtRecipient or Fault.DroppedAtData:
                row.Status.ShouldBeOneOf("sent", "queued");
                break;
            default:
                (row.Status, row.Attempts).ShouldBe((EndOf(fault), 1), story);
                break;
        }
    }

    private async Task<CampaignScene> LaunchAsync(MixedSink sink)
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailbox = await tenant.PostAsync("email-accounts", new
        {
            DomainId = domain.Id(), Email = $"someone@{domain["domain"]}", DisplayName = "Someone", Provider = "smtp", DailyLimit = 5_000,
            Smtp = sink.Settings,
        }, Ct);
        var scene = await CampaignScene.DraftAsync(
            host, tenant, [mailbox], await tenant.AListAsync(Leads, Ct), Ct, CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
        await scene.LaunchAsync(Ct);
        return scene;
    }

    private async Task<JsonNode> LaterAsync(CampaignScene scene)
    {
        await host.QueryAsync("""
            WITH later AS (UPDATE campaign_leads SET next_run = now() WHERE campaign_id = $1 AND status IN ('pending', 'active') AND next_run > now())
            UPDATE campaigns SET next_dispatch = now() WHERE id = $1
            """, Ct, scene.Id);
        return await scene.StateAsync(Ct);
    }

    private async Task<List<Row>> RowsAsync(CampaignScene scene) => [.. (await host.QueryAsync("""
        SELECT to_address, messages.status, messages.attempts, coalesce(extract(epoch FROM next_run - now()), 0)::integer
        FROM content.email_messages AS messages JOIN campaign_leads ON campaign_leads.id = messages.campaign_lead_id
        WHERE messages.campaign_id = $1
        """, Ct, scene.Id)).Select(row => row.Split('|')).Select(row => new Row(row[0], row[1], int.Parse(row[2]), int.Parse(row[3])))];
}
