using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Host.Demo;
using PenguinMails.Host.Embedded;

namespace PenguinMails.Benchmarks;

/// <summary>
/// GET /leads, the newest 50 of 100,000, against a minimal API that does nothing but one query with Npgsql: no policies, credentials, limits or
/// validation. Both are processes of their own.
/// </summary>
internal static class PageBenchmark
{
    private const int Callers = 4;
    private const int Rounds = 3;

    private sealed record Lead(
        Guid Id, string Email, string? Name, string? FirstName, string? LastName, string? Company, string Status, int Score, DateTimeOffset Created);

    private sealed record Page(IReadOnlyList<Lead> Items, string? NextCursor);

    public static async Task<IReadOnlyList<Result>> RunAsync(Place place, int seconds)
    {
        await place.ExecuteAsync("UPDATE plans SET api_rate_limit = NULL");
        var (http, _) = await place.StartHostAsync();
        var tenant = await place.ScalarAsync<Guid>(
            $"SELECT tenant_id FROM tenant_users JOIN users ON users.id = tenant_users.user_id WHERE users.email = '{DemoAccount.Email}'");
        await Seeded.LeadsAsync(place, tenant, 100_000);
        await place.ExecuteAsync("VACUUM ANALYZE leads");
        await using var child = await Child.StartAsync("bare-page", place.Administrator, tenant.ToString());
        using var bare = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{child.Port}/") };
        var (ours, baseline) = (new List<double>(), new List<double>());
        // The first round is for whatever is compiled or cached once.
        for (var round = 0; round <= Rounds; round++)
        {
            baseline.Add(await TimeAsync(bare, seconds));
            ours.Add(await TimeAsync(http, seconds));
        }

        return [new Result("a page of 50 leads over HTTP, against a bare minimal API with Npgsql", Result.Median(ours[1..]), Result.Median(baseline[1..]), "ms", 1 / 0.6)];
    }

    /// <summary>The bare API, until it is killed.</summary>
    public static async Task ServeAsync(string connectionString, Guid tenant)
    {
        var options = new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true };
        await using var database = NpgsqlDataSource.Create(options);
        var port = LoopbackPort.Free();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        app.MapGet("/leads", async (CancellationToken ct) => await ReadAsync(database, tenant, ct));
        await app.StartAsync();
        Console.WriteLine(port.ToString(CultureInfo.InvariantCulture));
        await app.WaitForShutdownAsync();
    }

    private static async Task<Page> ReadAsync(NpgsqlDataSource database, Guid tenant, CancellationToken ct)
    {
        await using var command = database.CreateCommand("""
            SELECT id, email, name, first_name, last_name, company, status, score, created FROM leads WHERE tenant_id = $1 ORDER BY id DESC LIMIT 51
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = tenant });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var leads = new List<Lead>(51);
        while (await reader.ReadAsync(ct))
        {
            leads.Add(new Lead(
                reader.GetGuid(0), reader.GetString(1), Text(2), Text(3), Text(4), Text(5), reader.GetString(6), reader.GetInt32(7),
                reader.GetFieldValue<DateTimeOffset>(8)));
        }

        return new Page(leads[..50], leads[49].Id.ToString());

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }

    /// <returns>Milliseconds of all callers together for one page.</returns>
    private static async Task<double> TimeAsync(HttpClient http, int seconds)
    {
        var watch = Stopwatch.StartNew();
        var pages = await Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
        {
            var count = 0;
            for (; watch.Elapsed.TotalSeconds < seconds; count++)
            {
                using var answer = await http.GetAsync("leads");
                await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
            }

            return count;
        }));
        return watch.Elapsed.TotalMilliseconds / pages.Sum();
    }
}
