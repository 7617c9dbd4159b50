using PenguinMails.Host.Embedded;

namespace PenguinMails.Tests.Processes;

/// <summary>What a host that lives on makes of it when others come and go in the middle of a campaign.</summary>
public sealed class StoresAwayTests(OwnStores stores) : IClassFixture<OwnStores>
{
    private const int Leads = 600;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PostgreSQL_that_crashes_and_comes_back_costs_no_message_and_doubles_none()
    {
        DataDirectory.NeedsUnix();
        await using var sink = new SinkLog();
        await using var host = await stores.StartHostAsync(Ct, sink.Options);
        var campaign = await LaunchAsync(host, sink);
        var connections = 0;
        for (var crash = 1; crash <= 3; crash++)
        {
            await sink.ReachesAsync(sink.Count + Random.Shared.Next(60, 120), Ct);
            // One may open between this look and the crash, which takes a moment: the host opens no more than it has to.
            connections += sink.Connections;
            await stores.CrashPostgresAsync();
            await stores.StartPostgresAsync();
        }

        await using var database = await stores.AdministratorAsync(Ct);
        await campaign.CompletedAsync(database, Ct);

        await campaign.IsExactAsync(database, sink.Delivered, connections, "PostgreSQL crashed three times", Ct);
    }

    [Fact]
    public async Task Redis_that_goes_away_stops_no_campaign()
    {
        DataDirectory.NeedsUnix();
        var port = LoopbackPort.Free();
        // Not disposed of twice, which it does not bear.
        var redis = OwnRedis.Start(port);
        await using var sink = new SinkLog();
        await using var host = await stores.StartHostAsync(Ct, [$"--ConnectionStrings:redis=127.0.0.1:{port}", .. sink.Options]);
        var campaign = await LaunchAsync(host, sink);
        await sink.ReachesAsync(100, Ct);

        redis.Dispose();

        await using var database = await stores.AdministratorAsync(Ct);
        await campaign.CompletedAsync(database, Ct);
        await campaign.IsExactAsync(database, sink.Delivered, 0, "Redis away", Ct);
        sink.Count.ShouldBe(Leads);
    }

    [Fact]
    public async Task A_host_that_is_told_to_stop_leaves_no_message_in_doubt_and_the_next_goes_on()
    {
        DataDirectory.NeedsUnix();
        await using var sink = new SinkLog();
        await using var database = await stores.AdministratorAsync(Ct);
        LongCampaign? campaign;
        await using (var host = await stores.StartHostAsync(Ct, [.. sink.Options, .. SinkLog.Patient]))
        {
            campaign = await LaunchAsync(host, sink);
            await sink.ReachesAsync(Random.Shared.Next(100, 300), Ct);

            (await host.StopAsync("INT", Ct)).ShouldBe(0, host.Output);
        }

        var delivered = sink.Count;
        delivered.ShouldBeLessThan(Leads);
        (await database.RowsAsync(
            "SELECT count(*) FILTER (WHERE status = 'sent'), count(*) FILTER (WHERE status IN ('sending', 'in_doubt')) FROM content.email_messages WHERE campaign_id = $1",
            Ct, campaign.Id)).ShouldBe([$"{delivered}|0"]);

        await using var next = await stores.StartHostAsync(Ct, sink.Options);
        await campaign.CompletedAsync(database, Ct);
        await campaign.IsExactAsync(database, sink.Delivered, 0, $"Stopped at {delivered}", Ct);
    }

    [Fact]
    public async Task Two_hosts_at_one_campaign_share_it_and_write_to_nobody_twice()
    {
        DataDirectory.NeedsUnix();
        var port = LoopbackPort.Free();
        using var redis = OwnRedis.Start(port);
        await using var ours = new SinkLog();
        await using var theirs = new SinkLog();
        // So small batches that neither host takes all of it.
        string[] shared = [$"--ConnectionStrings:redis=127.0.0.1:{port}", "--Sending:BatchSize=50"];
        await using var host = await stores.StartHostAsync(Ct, [.. shared, .. ours.Options]);
        await using var other = await stores.StartHostAsync(Ct, [.. shared, .. theirs.Options]);
        var campaign = await LaunchAsync(host, ours);

        await using var database = await stores.AdministratorAsync(Ct);
        await campaign.CompletedAsync(database, Ct);

        await campaign.IsExactAsync(database, [.. ours.Delivered, .. theirs.Delivered], 0, $"{ours.Count} and {theirs.Count}", Ct);
        ours.Count.ShouldBeGreaterThan(0);
        theirs.Count.ShouldBeGreaterThan(0);
    }

    private static async Task<LongCampaign> LaunchAsync(HostProcess host, SinkLog sink)
    {
        var tenant = await host.ATenantAsync(Ct, address => sink.CodeAsync(address, Ct));
        var campaign = await LongCampaign.DraftAsync(tenant, Leads, mailboxes: 4, Ct);
        await campaign.LaunchAsync(Ct);
        return campaign;
    }
}
