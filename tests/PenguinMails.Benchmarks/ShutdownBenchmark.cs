using System.Diagnostics;
using System.Security.Cryptography;

namespace PenguinMails.Benchmarks;

/// <summary>How long a host that is told to stop in the midst of a campaign takes to end, and what it leaves in doubt.</summary>
internal static class ShutdownBenchmark
{
    private const int Messages = 20_000;

    public static async Task<IReadOnlyList<Result>> RunAsync(Place place)
    {
        await using var sink = await Child.StartAsync("sink");
        var tenant = await SendSeed.TenantAsync(place, Messages, RSA.Create(2048).ExportPkcs8PrivateKeyPem());
        var process = await place.StartSenderAsync(sink.Port);
        var campaign = await SendSeed.LaunchAsync(place, tenant);
        while (await CountAsync(place, campaign, "sent") < Messages / 10)
        {
            await Task.Delay(20);
        }

        var watch = Stopwatch.StartNew();
        await Place.TerminateAsync(process);
        var seconds = watch.Elapsed.TotalSeconds;
        if (await CountAsync(place, campaign, "sent") == Messages)
        {
            throw new InvalidOperationException("All was sent before it ended.");
        }

        return
        [
            new Result("SIGTERM in the midst of a campaign to the end of the host", seconds, null, "s", 10),
            new Result("  messages left in doubt", await CountAsync(place, campaign, "in_doubt") + await CountAsync(place, campaign, "sending"), null, "", 0),
        ];
    }

    private static Task<long> CountAsync(Place place, Guid campaign, string status) =>
        place.ScalarAsync<long>($"SELECT count(*) FROM content.email_messages WHERE campaign_id = '{campaign}' AND status = '{status}'");
}
