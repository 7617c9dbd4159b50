using Npgsql;

namespace PenguinMails.Tests.Processes;

/// <summary>A host that is told to stop in the middle of a campaign: what it makes of the messages that it has in hand.</summary>
public sealed class ShutdownTests(OwnStores stores) : IClassFixture<OwnStores>
{
    private const int Leads = 300;
    private const int AtOnce = 4;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_waits_for_the_replies_to_what_it_has_sent()
    {
        DataDirectory.NeedsUnix();
        await using var sink = new SinkLog();
        await using var database = await stores.AdministratorAsync(Ct);
        await using var host = await stores.StartHostAsync(Ct, [.. sink.Options, .. SinkLog.Patient]);
        var answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        sink.OnMessage = () => sink.Count > 50 ? answering.Task : Task.CompletedTask;
        var campaign = await LaunchAsync(host, sink);
        await sink.ReachesAsync(50 + AtOnce, Ct);

        var stopping = host.StopAsync("TERM", Ct);
        await NoLongerListensAsync(host);
        answering.SetResult();

        (await stopping).ShouldBe(0, host.Output);
        (await StatesAsync(database, campaign)).ShouldBe([$"sent|{50 + AtOnce}"]);
        await GoesOnAsync(database, sink, campaign, inDoubt: 0);
    }

    [Fact]
    public async Task It_takes_back_what_a_server_has_not_let_it_send()
    {
        DataDirectory.NeedsUnix();
        using var answering = new ManualResetEventSlim();
        using var held = new SemaphoreSlim(0);
        await using var sink = new SinkLog();
        await using var database = await stores.AdministratorAsync(Ct);
        await using var host = await stores.StartHostAsync(Ct, [.. sink.Options, .. SinkLog.Patient]);
        var campaign = await DraftAsync(host, sink);
        sink.OnSender = () =>
        {
            if (sink.Count >= 50)
            {
                held.Release();
                answering.Wait();
            }

            return null;
        };
        await campaign.LaunchAsync(Ct);
        for (var lane = 0; lane < AtOnce; lane++)
        {
            await held.WaitAsync(Ct);
        }

        (await host.StopAsync("TERM", Ct)).ShouldBe(0, host.Output);

        sink.OnSender = null;
        answering.Set();
        (await StatesAsync(database, campaign)).ShouldBe([$"queued|{AtOnce}", $"sent|{sink.Count}"]);
        await GoesOnAsync(database, sink, campaign, inDoubt: 0);
    }

    [Fact]
    public async Task It_ends_although_a_server_never_answers_and_says_itself_what_is_in_doubt()
    {
        DataDirectory.NeedsUnix();
        var never = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var sink = new SinkLog();
        await using var database = await stores.AdministratorAsync(Ct);
        await using var host = await stores.StartHostAsync(Ct, [.. sink.Options, "--Mail:LastReplyTimeoutSeconds=1"]);
        sink.OnMessage = () => sink.Count > 50 ? never.Task : Task.CompletedTask;
        var campaign = await LaunchAsync(host, sink);
        await sink.ReachesAsync(50 + AtOnce, Ct);

        (await host.StopAsync("TERM", Ct)).ShouldBe(0, host.Output);

        sink.OnMessage = null;
        never.SetResult();
        (await StatesAsync(database, campaign)).ShouldBe([$"in_doubt|{AtOnce}", "sent|50"]);
        await GoesOnAsync(database, sink, campaign, inDoubt: AtOnce);
    }

    // By one mailbox, so that it is known how many are on their way at once.
    private static async Task<LongCampaign> DraftAsync(HostProcess host, SinkLog sink) =>
        await LongCampaign.DraftAsync(await host.ATenantAsync(Ct, address => sink.CodeAsync(address, Ct)), Leads, mailboxes: 1, Ct);

    private static async Task<LongCampaign> LaunchAsync(HostProcess host, SinkLog sink)
    {
        var campaign = await DraftAsync(host, sink);
        await campaign.LaunchAsync(Ct);
        return campaign;
    }

    private static Task<IReadOnlyList<string>> StatesAsync(NpgsqlConnection database, LongCampaign campaign) => database.RowsAsync(
        "SELECT status, count(*) FROM content.email_messages WHERE campaign_id = $1 GROUP BY status ORDER BY status", Ct, campaign.Id);

    private static async Task NoLongerListensAsync(HostProcess host)
    {
        using var http = new HttpClient();
        await Given.EventuallyAsync(
            async () =>
            {
                try
                {
                    using var answer = await http.GetAsync($"{host.Url}/alive", Ct);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            listens => !listens, Ct);
    }

    private async Task GoesOnAsync(NpgsqlConnection database, SinkLog sink, LongCampaign campaign, int inDoubt)
    {
        await using var next = await stores.StartHostAsync(Ct, sink.Options);
        await campaign.CompletedAsync(database, Ct);
        (await campaign.IsExactAsync(database, sink.Delivered, inDoubt, "Stopped", Ct)).ShouldBe(inDoubt);
    }
}
