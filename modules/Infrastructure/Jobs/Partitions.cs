using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Jobs;

/// <summary>Makes the coming months' partitions and drops those past keeping.</summary>
internal sealed class Partitions(PlatformDatabase platform) : IRecurringJob
{
    public async Task RunAsync(CancellationToken ct)
    {
        await platform.ColumnAsync<int>("partitions", "SELECT ensure_month_partitions()", ct);
        await platform.ColumnAsync<int>("partitions", "SELECT drop_expired_partitions()", ct);
    }
}
