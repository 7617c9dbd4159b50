using Npgsql;
using PenguinMails.Shared.Database;
using Stripe;

namespace PenguinMails.Billing.Payments;

/// <summary>
/// What Stripe told us, kept by Stripe's own id before anything is made of it. The platform's role alone sees it: whose an event is, is not
/// known before it is read.
/// </summary>
internal sealed class StripeEvents(PlatformDatabase platform, TimeProvider clock)
{
    /// <summary>How often an event is tried before only staff can have it tried again: some three days.</summary>
    public const int MostAttempts = 12;

    private const string Purpose = "billing.stripe-events";
    private const int LongestError = 1_000;

    /// <summary>Keeps an event; one that came before stays as it is.</summary>
    /// <param name="json">As it came.</param>
    public Task AddAsync(Event received, string json, CancellationToken ct) => RunAsync(
        """
        INSERT INTO stripe_events (id, type, created, received, payload, next_attempt) VALUES ($1, $2, $3, $4, $5::jsonb, $4)
        ON CONFLICT (id) DO NOTHING
        """,
        ct, received.Id, received.Type, new DateTimeOffset(received.Created), clock.GetUtcNow(), json);

    /// <summary>The events that wait, the oldest of Stripe's first; at most as many as are done in a while.</summary>
    public Task<IReadOnlyList<string>> DueAsync(CancellationToken ct) => platform.ColumnAsync<string>(
        Purpose, "SELECT id FROM stripe_events WHERE processed IS NULL AND next_attempt <= $1 AND attempts < $2 ORDER BY created, received LIMIT 500", ct,
        new NpgsqlParameter { Value = clock.GetUtcNow() }, new NpgsqlParameter { Value = MostAttempts });

    /// <summary>What an event that waits says; null where it does not wait, or no longer.</summary>
    public async Task<string?> PayloadAsync(string id, CancellationToken ct) => (await platform.ColumnAsync<string>(
        Purpose, "SELECT payload::text FROM stripe_events WHERE id = $1 AND processed IS NULL", ct, new NpgsqlParameter { Value = id })).SingleOrDefault();

    /// <param name="remark">Why nothing was made of it; null where it was applied.</param>
    public Task SettleAsync(string id, string? remark, CancellationToken ct) => RunAsync(
        "UPDATE stripe_events SET processed = $2, error = nullif($3, '') WHERE id = $1", ct, id, clock.GetUtcNow(), remark ?? "");

    /// <summary>It is tried again: after a minute at first, each time twice as late.</summary>
    /// <returns>How often it has failed.</returns>
    public async Task<int> FailAsync(string id, string error, CancellationToken ct) => (await platform.ColumnAsync<int>(
        Purpose,
        """
        UPDATE stripe_events SET attempts = attempts + 1, error = $2, next_attempt = $3 + interval '1 minute' * power(2, attempts)
        WHERE id = $1
        RETURNING attempts
        """,
        ct, new NpgsqlParameter { Value = id }, new NpgsqlParameter { Value = error[..Math.Min(error.Length, LongestError)] },
        new NpgsqlParameter { Value = clock.GetUtcNow() })).SingleOrDefault();

    /// <summary>It waits again, as if it had just come.</summary>
    /// <returns>False where there is none of the id.</returns>
    public async Task<bool> ReplayAsync(string id, CancellationToken ct) => (await platform.ColumnAsync<string>(
        Purpose, "UPDATE stripe_events SET processed = NULL, error = NULL, attempts = 0, next_attempt = $2 WHERE id = $1 RETURNING id", ct,
        new NpgsqlParameter { Value = id }, new NpgsqlParameter { Value = clock.GetUtcNow() })).Count > 0;

    /// <summary>Forgets events that are done with, since they hold names and addresses. Stripe itself keeps them for 30 days.</summary>
    public Task ForgetAsync(TimeSpan age, CancellationToken ct) => RunAsync(
        "DELETE FROM stripe_events WHERE processed IS NOT NULL AND received < $1", ct, clock.GetUtcNow() - age);

    private async Task RunAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = await platform.OpenAsync(Purpose, ct);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await command.ExecuteNonQueryAsync(ct);
    }
}
