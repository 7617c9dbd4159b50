using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Staff.Jobs;

/// <summary>Adds the newest rows of the audit log to its chain. A job does it, so that no request waits for another's row.</summary>
internal sealed class SealAuditLog(PlatformDatabase platform) : IRecurringJob
{
    public const string Id = "staff.seal-audit-log";

    public Task RunAsync(CancellationToken ct) => platform.ColumnAsync<int>(Id, "SELECT seal_audit_log()", ct);
}
