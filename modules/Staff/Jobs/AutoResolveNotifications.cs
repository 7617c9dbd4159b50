using Npgsql;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Staff.Jobs;

/// <summary>Resolves the notifications that have not recurred until their time was over.</summary>
internal sealed class AutoResolveNotifications(PlatformDatabase platform) : IRecurringJob
{
    public const string Id = "staff.auto-resolve";

    public async Task RunAsync(CancellationToken ct)
    {
        await using var connection = await platform.OpenAsync(Id, ct);
        await using var command = new NpgsqlCommand(
            """
            UPDATE system_notifications
            SET is_resolved = true, resolved = now(), resolution_notes = 'Resolved by itself: it did not recur.'
            WHERE NOT is_resolved AND auto_resolve_after <= now()
            """,
            connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
