using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Alerts on connections that are held too long and on pools under pressure.</summary>
internal sealed class PoolLeaks(PlatformDatabase platform) : IRecurringJob
{
    public Task RunAsync(CancellationToken ct) =>
        platform.ColumnAsync<int>("pool-leaks", "SELECT 1 FROM detect_connection_leaks()", ct);
}
