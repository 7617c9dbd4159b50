using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Analytics;
using PenguinMails.Campaigns.Data;

namespace PenguinMails.Tests.Campaigns;

/// <summary>A campaign that is watched while it sends.</summary>
public sealed class ProgressTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Progress_is_streamed_until_the_campaign_is_completed()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, leads: 3, Ct);
        await using var stream = await scene.Tenant.Http.GetStreamAsync($"campaigns/{scene.Id}/progress", Ct);
        await using var events = SseParser.Create(stream, (_, data) => JsonNode.Parse(data)!).EnumerateAsync(Ct).GetAsyncEnumerator(Ct);

        (await events.MoveNextAsync()).ShouldBeTrue();
        var first = events.Current;
        await scene.LaunchAsync(Ct);
        var seen = new List<SseItem<JsonNode>>();
        while (await events.MoveNextAsync())
        {
            seen.Add(events.Current);
        }

        first.EventType.ShouldBe("progress");
        (first.Data.Text("status"), first.Data["leads"]!.Number("pending"), first.Data["messages"]!.AsObject().Count, first.Data["nextDispatch"]).ShouldBe(("draft", 3, 0, null));
        seen.SkipLast(1).ShouldAllBe(item => item.EventType == "progress");
        var last = seen[^1];
        last.EventType.ShouldBe("completed");
        (last.Data.Text("status"), last.Data["leads"]!.Number("completed"), last.Data["messages"]!.Number("sent"), last.Data.Number("sentToday"))
            .ShouldBe(("completed", 3, 3, 3));
    }

    [Fact]
    public async Task It_is_counted_once_for_all_who_watch()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, leads: 2, Ct);
        await using var scope = host.ScopeOf(scene.Tenant.TenantId);
        var campaign = await scope.ServiceProvider.GetRequiredService<CampaignsDb>().Campaigns.SingleAsync(row => row.Id == scene.Id, Ct);
        var progress = host.Services.GetRequiredService<CampaignProgress>();

        // Whoever leaves does not take the count away from the others.
        var left = progress.OfAsync(campaign, new CancellationToken(canceled: true));
        var watched = await Task.WhenAll(progress.OfAsync(campaign, Ct), progress.OfAsync(campaign, Ct));

        await Should.ThrowAsync<OperationCanceledException>(left);
        watched[1].ShouldBeSameAs(watched[0]);
        watched[0].Leads["pending"].ShouldBe(2);
        // In another state it is counted anew.
        campaign.Launch(TimeProvider.System.GetUtcNow());
        (await progress.OfAsync(campaign, Ct)).ShouldNotBeSameAs(watched[0]);
    }

    [Fact]
    public async Task Another_tenants_campaign_is_not_there_to_watch()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var campaign = await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct);

        await (await stranger.Http.GetAsync($"campaigns/{campaign.Id()}/progress", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
    }
}
