using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Sending;

/// <summary>
/// Finds campaigns that are due and runs a batch of each, several at once and of each tenant only so many, so that no tenant's backlog and no slow
/// server holds up the others. Any number of hosts may do so at once.
/// </summary>
internal sealed class Dispatcher(
    IServiceScopeFactory scopes, PlatformDatabase platform, IOptions<SendingOptions> options, TimeProvider clock, ILogger<Dispatcher> log)
    : BackgroundService
{
    // A batch that takes longer waits for a slow server: another one goes on with the campaign's other mailboxes.
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(5);

    private readonly List<Batch> _running = [];

    private sealed record Batch(Guid TenantId, Guid CampaignId, long Began, Task Work);

    private sealed record Due(Guid TenantId, Guid CampaignId);

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        try
        {
            await LoopAsync(ct);
        }
        finally
        {
            // Stopping, the host finishes the messages in hand.
            await Task.WhenAll(_running.Select(batch => batch.Work));
        }
    }

    private async Task LoopAsync(CancellationToken ct)
    {
        while (options.Value.Enabled && !ct.IsCancellationRequested)
        {
            try
            {
                await StartDueAsync(ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                // The database may be away for a while: what was claimed comes back when its lease ends.
                log.LogError(exception, "A round of sending failed.");
                await PauseAsync(ct);
            }

            // As soon as one is done there may be more; otherwise after a pause.
            await Task.WhenAny(_running.Select(batch => batch.Work).Append(PauseAsync(ct)));
            _running.RemoveAll(batch => batch.Work.IsCompleted);
        }
    }

    private Task PauseAsync(CancellationToken ct) => Task.Delay(TimeSpan.FromMilliseconds(options.Value.PollMilliseconds), clock, ct);

    private async Task StartDueAsync(CancellationToken ct)
    {
        var room = options.Value.BatchesAtOnce - _running.Count;
        if (room <= 0)
        {
            return;
        }

        // Whoever has least in hand first.
        var due = (await FindDueAsync(ct)).OrderBy(one => _running.Count(batch => batch.TenantId == one.TenantId));
        foreach (var one in due.ToList().Where(MayStart).Take(room))
        {
            _running.Add(new Batch(one.TenantId, one.CampaignId, clock.GetTimestamp(), Task.Run(() => RunAsync(one, ct), CancellationToken.None)));
        }
    }

    private bool MayStart(Due due) =>
        _running.Count(batch => batch.TenantId == due.TenantId) < options.Value.BatchesPerTenant
        && _running.Where(batch => batch.CampaignId == due.CampaignId).All(batch => clock.GetElapsedTime(batch.Began) > Slow);

    private async Task<List<Due>> FindDueAsync(CancellationToken ct)
    {
        await using var connection = await platform.OpenAsync("dispatch", ct);
        await using var command = new NpgsqlCommand("""
            SELECT tenant_id, id FROM (
                SELECT tenant_id, id, next_dispatch, row_number() OVER (PARTITION BY tenant_id ORDER BY next_dispatch) AS place
                FROM campaigns WHERE status = 'sending' AND next_dispatch <= $1) AS due
            WHERE place <= $2
            ORDER BY next_dispatch
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = clock.GetUtcNow() });
        command.Parameters.Add(new NpgsqlParameter { Value = (long)options.Value.BatchesPerTenant * 2 });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var due = new List<Due>();
        while (await reader.ReadAsync(ct))
        {
            due.Add(new Due(reader.GetGuid(0), reader.GetGuid(1)));
        }

        return due;
    }

    // A campaign whose batch fails must not keep the others from sending, nor be begun again and again.
    private async Task RunAsync(Due due, CancellationToken ct)
    {
        try
        {
            await using var scope = scopes.CreateTenantScope(due.TenantId);
            if (!await scope.ServiceProvider.GetRequiredService<CampaignBatch>().RunAsync(due.CampaignId, ct))
            {
                // Not at once again: its mailboxes are busy.
                await PauseAsync(ct);
            }
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            log.LogError(exception, "A batch of campaign {CampaignId} failed; what it claimed comes back when its lease ends.", due.CampaignId);
            await PauseAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }
}
