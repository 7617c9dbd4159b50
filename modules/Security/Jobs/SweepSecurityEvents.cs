using System.Net;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Security.Jobs;

/// <summary>Finds the addresses that guess passwords: five failed log-ins or more within any quarter of an hour.</summary>
internal sealed class SweepSecurityEvents(PlatformDatabase platform) : IRecurringJob
{
    public const string Id = "security.sweep";

    // Looks back over the hour since the last run and the quarter before it. A failure is counted into one detection only.
    private const string RaiseBruteForce =
        """
        WITH unreported AS (
            SELECT f.ip_address, f.created
            FROM security_events f
            WHERE f.event_type = 'login_failed'
              AND f.created > now() - interval '75 minutes'
              AND f.ip_address IS NOT NULL
              AND NOT EXISTS (
                SELECT FROM security_events d
                WHERE d.event_type = 'brute_force_detected'
                  AND d.ip_address = f.ip_address
                  AND d.created >= f.created)
        ), counted AS (
            SELECT ip_address, count(*) OVER (
                PARTITION BY ip_address ORDER BY created RANGE BETWEEN interval '15 minutes' PRECEDING AND CURRENT ROW) AS failures
            FROM unreported
        ), bursts AS (
            SELECT ip_address, max(failures) AS failures
            FROM counted
            GROUP BY ip_address
            HAVING max(failures) >= 5
        )
        SELECT ip_address, alert_security_incident('brute_force_detected', 'critical',
            format('%s failed log-ins of one address within 15 minutes', failures), p_ip_address => ip_address)
        FROM bursts
        """;

    public Task RunAsync(CancellationToken ct) => platform.ColumnAsync<IPAddress>(Id, RaiseBruteForce, ct);
}
