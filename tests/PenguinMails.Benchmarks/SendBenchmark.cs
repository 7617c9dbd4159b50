using System.Security.Cryptography;

namespace PenguinMails.Benchmarks;

/// <summary>
/// Signed messages through the whole engine into a sink, against a bare MailKit loop with the same signer and as many connections, which knows
/// nothing of leads, templates or crashes. Sink, engine and loop are processes of their own.
/// </summary>
internal static class SendBenchmark
{
    public const int Mailboxes = 8;
    public const int ConnectionsPerMailbox = 4;

    /// <summary>Messages that either sends before it is measured, until no more of it is compiled.</summary>
    public const int WarmUp = 5_000;

    /// <summary>20,000 messages, of one tenant.</summary>
    public static async Task<IReadOnlyList<Result>> RunAsync(Place place, int messages)
    {
        await using var sink = await Child.StartAsync("sink");
        var key = RSA.Create(2048).ExportPkcs8PrivateKeyPem();
        var bare = await BareSend.RunApartAsync(sink.Port, messages, key);
        var (first, tenant) = (await SendSeed.TenantAsync(place, WarmUp, key), await SendSeed.TenantAsync(place, messages, key));
        var process = await place.StartSenderAsync(sink.Port);
        await CompletedAsync(place, await SendSeed.LaunchAsync(place, first));
        var before = process.TotalProcessorTime;
        var campaign = await SendSeed.LaunchAsync(place, tenant);
        await CompletedAsync(place, campaign);
        var rate = await RateAsync(place, campaign);
        process.Refresh();
        var processor = process.TotalProcessorTime - before;
        return
        [
            new Result($"seconds for {messages} signed messages, against a bare MailKit loop", messages / rate, messages / bare, "s", 1 / 0.6),
            new Result("  durable messages a second", rate, bare, "/s", null),
            new Result("  peak memory of the sending host", Place.PeakBytes(process) / 1024.0 / 1024.0, null, "MB", 250),
            new Result("  processor time of the host a message", processor.TotalMicroseconds / messages, null, "us", null),
        ];
    }

    /// <summary>The time a message takes, with so many of them queued.</summary>
    public static async Task<IReadOnlyList<Result>> QueueAsync(Place place, int most)
    {
        const int few = 10_000;
        await using var sink = await Child.StartAsync("sink");
        var key = RSA.Create(2048).ExportPkcs8PrivateKeyPem();
        var (small, large) = (await SendSeed.TenantAsync(place, few, key), await SendSeed.TenantAsync(place, most, key));
        await place.ExecuteAsync("VACUUM ANALYZE leads");
        await place.StartSenderAsync(sink.Port);
        var times = new Dictionary<Guid, List<double>> { [small] = [], [large] = [] };
        foreach (var tenant in new[] { small, large, large, small })
        {
            // Half of the few are sent each time.
            var campaign = await SendSeed.LaunchAsync(place, tenant);
            var sent = await SentAsync(place, campaign, few / 2);
            times[tenant].Add(1_000_000 / sent);
            await place.ExecuteAsync($"UPDATE campaigns SET status = 'paused' WHERE id = '{campaign}'");
            await IdleAsync(place);
        }

        return [new Result($"time a message takes, {most} queued against {few}", times[large].Average(), times[small].Average(), "us", 1.1)];
    }

    /// <summary>When a small tenant's hundred messages are sent, alone and beside another's million.</summary>
    public static async Task<IReadOnlyList<Result>> FairAsync(Place place, int most)
    {
        await using var sink = await Child.StartAsync("sink");
        var key = RSA.Create(2048).ExportPkcs8PrivateKeyPem();
        var (small, large) = (await SendSeed.TenantAsync(place, 100, key), await SendSeed.TenantAsync(place, most, key));
        await place.StartSenderAsync(sink.Port);
        // Whatever is compiled or opened once.
        await P99Async(place, small);
        var alone = new List<double>();
        var beside = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            alone.Add(await P99Async(place, small));
        }

        var backlog = await SendSeed.LaunchAsync(place, large);
        await SentAsync(place, backlog, 1000);
        for (var round = 0; round < 3; round++)
        {
            beside.Add(await P99Async(place, small));
        }

        return [new Result($"99th of 100 messages sent after the launch, beside {most} of another tenant", Result.Median(beside), Result.Median(alone), "s", 1.2)];
    }

    private static async Task<double> P99Async(Place place, Guid tenant)
    {
        var campaign = await SendSeed.LaunchAsync(place, tenant);
        await CompletedAsync(place, campaign);
        return await place.ScalarAsync<double>($"""
            SELECT extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY message.sent) - min(campaigns.started))::float8
            FROM content.email_messages message JOIN campaigns ON campaigns.id = message.campaign_id WHERE campaigns.id = '{campaign}'
            """);
    }

    private static Task<double> RateAsync(Place place, Guid campaign) => place.ScalarAsync<double>($"""
        SELECT (count(*) / extract(epoch FROM max(sent) - (SELECT started FROM campaigns WHERE id = '{campaign}')))::float8
        FROM content.email_messages WHERE campaign_id = '{campaign}' AND status = 'sent'
        """);

    private static async Task CompletedAsync(Place place, Guid campaign)
    {
        while (await place.ScalarAsync<string>($"SELECT status FROM campaigns WHERE id = '{campaign}'") != "completed")
        {
            await Task.Delay(200);
        }
    }

    /// <returns>Messages a second from the first to the last of so many.</returns>
    private static async Task<double> SentAsync(Place place, Guid campaign, int count)
    {
        while (await place.ScalarAsync<long>($"SELECT count(*) FROM content.email_messages WHERE campaign_id = '{campaign}' AND status = 'sent'") < count)
        {
            await Task.Delay(100);
        }

        return await place.ScalarAsync<double>($"""
            SELECT (count(*) / extract(epoch FROM max(sent) - min(sent)))::float8 FROM (
                SELECT sent FROM content.email_messages WHERE campaign_id = '{campaign}' AND status = 'sent' ORDER BY sent LIMIT {count}) AS first
            """);
    }

    private static async Task IdleAsync(Place place)
    {
        while (await place.ScalarAsync<long>("SELECT count(*) FROM campaign_leads WHERE lease_until > now()") > 0)
        {
            await Task.Delay(100);
        }
    }
}
