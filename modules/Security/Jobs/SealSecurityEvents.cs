using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Security.Jobs;

/// <summary>Seals the events that came since the last run into the chain of hashes.</summary>
internal sealed class SealSecurityEvents(PlatformDatabase platform) : IRecurringJob
{
    public const string Id = "security.seal";

    public Task RunAsync(CancellationToken ct) => platform.ColumnAsync<int>(Id, "SELECT seal_security_events()", ct);
}
