using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Looks now and then how many steps are due over all tenants, and since when the oldest is, for whoever reads metrics.</summary>
internal sealed class QueueGauges(PlatformDatabase platform, TimeProvider clock, ILogger<QueueGauges> log) : BackgroundService
{
    private const string Purpose = "telemetry.queue";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private long _due;
    private double _age;

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        Telemetry.Observe("penguinmails.queue.due", "{step}", () => Volatile.Read(ref _due));
        Telemetry.Observe("penguinmails.queue.age", "s", () => Volatile.Read(ref _age));
        while (!ct.IsCancellationRequested)
        {
            try
            {
                await LookAsync(ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                log.LogWarning(exception, "The queue could not be looked at.");
            }

            await Task.Delay(Pause, clock, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        await using var connection = await platform.OpenAsync(Purpose, ct);
        await using var command = new NpgsqlCommand(
            """
            SELECT count(*), min(l.next_run) FROM campaigns c JOIN campaign_leads l ON l.campaign_id = c.id
            WHERE c.status = 'sending' AND l.status IN ('pending', 'active') AND l.next_run <= $1
            """, connection) { Parameters = { new NpgsqlParameter { Value = now } } };
        await using var reader = await command.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        Volatile.Write(ref _due, reader.GetInt64(0));
        Volatile.Write(ref _age, await reader.IsDBNullAsync(1, ct) ? 0 : (now - reader.GetFieldValue<DateTimeOffset>(1)).TotalSeconds);
    }
}
