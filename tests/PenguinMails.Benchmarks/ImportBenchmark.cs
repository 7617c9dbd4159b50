using System.Diagnostics;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace PenguinMails.Benchmarks;

/// <summary>
/// A CSV file through the API, from the first byte sent to the answer, against COPY of the same rows, clean and ready, into a table
/// with the same columns and indexes.
/// </summary>
internal static class ImportBenchmark
{
    private const int Rounds = 3;

    private sealed record Row(string Email, string FirstName, string LastName, string Company, string City);

    public static async Task<IReadOnlyList<Result>> RunAsync(Place place, int size)
    {
        var rows = Rows(size);
        var path = Path.GetTempFileName();
        await File.WriteAllLinesAsync(path, rows.Select(row => $"{row.Email},{row.FirstName},{row.LastName},\"{row.Company}\",{row.City}")
            .Prepend("email,first_name,last_name,company,custom.city"));
        await place.ExecuteAsync("CREATE TABLE leads_baseline (LIKE leads INCLUDING ALL)");
        var (http, process) = await place.StartHostAsync();
        // Whatever is compiled or cached once.
        await ImportAsync(http, "email\nfirst@warm.example\n"u8.ToArray());
        var (ours, baseline, atRest) = (new List<double>(), new List<double>(), Place.PeakBytes(process));
        for (var round = 0; round < Rounds; round++)
        {
            await place.ExecuteAsync("TRUNCATE leads_baseline");
            await place.ExecuteAsync("CHECKPOINT");
            baseline.Add(await TimeAsync(() => CopyAsync(place, rows)));
            await place.ExecuteAsync("TRUNCATE leads CASCADE");
            await place.ExecuteAsync("CHECKPOINT");
            ours.Add(await TimeAsync(async () => await ImportAsync(http, File.OpenRead(path), size)));
            Console.WriteLine($"round {round + 1}: import {ours[^1]:F1} s, COPY {baseline[^1]:F1} s");
        }

        File.Delete(path);
        return
        [
            new Result($"import of {size} rows, against COPY into the same indexes", Result.Median(ours), Result.Median(baseline), "s", 2.0),
            new Result("  peak memory of the importing host", Place.PeakBytes(process) / 1024.0 / 1024.0, null, "MB", 250),
            new Result("  its peak before, having imported one row", atRest / 1024.0 / 1024.0, null, "MB", null),
        ];
    }

    private static List<Row> Rows(int size)
    {
        var random = new Random(1);
        // As addresses come in a file: in no order.
        return [.. Enumerable.Range(0, size).Select(number => new Row(
            $"{(char)('a' + random.Next(26))}{random.Next(1_000_000):x}.{number}@company{random.Next(50_000)}.example",
            $"First{random.Next(2000)}", $"Last{random.Next(20_000)}", $"Company {random.Next(50_000)}, Inc.", $"City {random.Next(500)}"))];
    }

    private static Task ImportAsync(HttpClient http, byte[] csv) => ImportAsync(http, new MemoryStream(csv), 1);

    private static async Task ImportAsync(HttpClient http, Stream csv, int rows)
    {
        using var form = new MultipartFormDataContent { { new StreamContent(csv), "file", "leads.csv" } };
        using var answer = await http.PostAsync("leads/import", form);
        var text = await answer.Content.ReadAsStringAsync();
        using var import = JsonDocument.Parse(text);
        if (!answer.IsSuccessStatusCode || import.RootElement.GetProperty("imported").GetInt32() != rows)
        {
            throw new InvalidOperationException(text);
        }
    }

    private static async Task CopyAsync(Place place, List<Row> rows)
    {
        await using var connection = new NpgsqlConnection(place.Administrator);
        await connection.OpenAsync();
        var tenant = Guid.CreateVersion7();
        await using var copy = await connection.BeginBinaryImportAsync(
            "COPY leads_baseline (id, tenant_id, email, name, first_name, last_name, company, attributes) FROM STDIN (FORMAT binary)");
        copy.Timeout = TimeSpan.Zero;
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
            await copy.WriteAsync(tenant, NpgsqlDbType.Uuid);
            await copy.WriteAsync(row.Email, NpgsqlDbType.Text);
            await copy.WriteAsync($"{row.FirstName} {row.LastName}", NpgsqlDbType.Text);
            await copy.WriteAsync(row.FirstName, NpgsqlDbType.Text);
            await copy.WriteAsync(row.LastName, NpgsqlDbType.Text);
            await copy.WriteAsync(row.Company, NpgsqlDbType.Text);
            await copy.WriteAsync($"{{\"city\":\"{row.City}\"}}", NpgsqlDbType.Jsonb);
        }

        await copy.CompleteAsync();
    }

    private static async Task<double> TimeAsync(Func<Task> work)
    {
        var watch = Stopwatch.StartNew();
        await work();
        return watch.Elapsed.TotalSeconds;
    }
}
