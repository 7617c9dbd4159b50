using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Leads;

/// <summary>
/// A host's claim on an import, renewed while it works on it; each renewal tells how far it is. One that ends lets any host take the
/// import over, and who lost it, or whose import was canceled, cannot write the outcome.
/// </summary>
internal sealed class ImportLease : IAsyncDisposable
{
    private readonly IServiceScopeFactory _scopes;
    private readonly ImportOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<ImportLease> _log;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _renewing;
    private long _bytes;
    private int _rows;
    private int _merged;

    /// <summary>Begins to renew a lease that was taken already.</summary>
    public ImportLease(
        Guid tenantId, Guid importId, Guid owner, IServiceScopeFactory scopes, IOptions<ImportOptions> options, TimeProvider clock,
        ILogger<ImportLease> log, CancellationToken ct)
    {
        (TenantId, ImportId, Owner, _scopes, _options, _clock, _log) = (tenantId, importId, owner, scopes, options.Value, clock, log);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(ct);
        _renewing = RenewAsync();
    }

    public Guid TenantId { get; }

    public Guid ImportId { get; }

    public Guid Owner { get; }

    /// <summary>Cancelled with the work itself, and where the claim is gone: canceled, or another host's.</summary>
    public CancellationToken Token => _lost.Token;

    /// <summary>Told with the next renewal.</summary>
    public void Uploaded(int rows, long bytes) => (_rows, _bytes) = (rows, bytes);

    /// <summary>Told with the next renewal.</summary>
    public void Merged(int rows) => _merged = rows;

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _renewing;
        _done.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(Math.Min(1, _options.LeaseSeconds / 3.0)), _clock);
        await using var work = _scopes.CreateTenantScope(TenantId);
        var db = work.ServiceProvider.GetRequiredService<CampaignsDb>();
        while (await TicksAsync(timer))
        {
            try
            {
                var until = _clock.GetUtcNow().AddSeconds(_options.LeaseSeconds);
                var renewed = await db.Imports
                    .Where(row => row.Id == ImportId && row.LeaseOwner == Owner && (row.Status == ImportStatus.Uploading || row.Status == ImportStatus.Running))
                    .ExecuteUpdateAsync(row => row
                        .SetProperty(import => import.LeaseUntil, until)
                        .SetProperty(import => import.TotalRows, import => Math.Max(import.TotalRows, _rows))
                        .SetProperty(import => import.BytesRead, import => Math.Max(import.BytesRead, _bytes))
                        .SetProperty(import => import.MergedRows, _merged), _done.Token);
                if (renewed == 0)
                {
                    await _lost.CancelAsync();
                    return;
                }
            }
            catch (Exception exception) when (!_done.IsCancellationRequested)
            {
                _log.LogWarning(exception, "The claim on an import could not be renewed; it is tried again.");
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> TicksAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_done.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
