using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>A server that a killed host could not stop. Asked for only while this host holds the lock, so no live host has it.</summary>
internal static class LeftoverServer
{
    internal static async Task StopAsync(PostgresCluster cluster, string password, ILogger log, CancellationToken ct)
    {
        var file = Path.Combine(cluster.Data, "postmaster.pid");
        if (File.Exists(file) && IsAnotherProgram(Line(file, 0)))
        {
            // After a power cut the id can be anybody's, and PostgreSQL would refuse to start for as long as that one lives.
            File.Delete(file);
        }

        // It may be starting or on its way out: ask for a while.
        for (var attempt = 0; await cluster.IsRunningAsync(ct); attempt++)
        {
            if (await IsOursAsync(cluster.Data, Line(file, 3), password, ct))
            {
                log.LogWarning("Stopping the PostgreSQL server that an earlier host left running over {Data}", cluster.Data);
                await cluster.StopAsync();
                return;
            }

            if (attempt == 20)
            {
                throw new InvalidOperationException(
                    $"{file} names process {Line(file, 0)}, a PostgreSQL server that is not this host's to stop. Stop it; or, if it " +
                    "serves another directory (this one is a copy, or the machine has crashed), delete that file.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
        }
    }

    private static bool IsAnotherProgram(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.ProcessName != "postgres";
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // Copies of a data root share the password, so a server that takes it must also name our directory.
    private static async Task<bool> IsOursAsync(string data, int port, string password, CancellationToken ct)
    {
        try
        {
            var connection = EmbeddedPostgres.Connection(port, password);
            connection.Timeout = 5;
            await using var source = NpgsqlDataSource.Create(connection);
            await using var command = source.CreateCommand("SHOW data_directory");
            return Path.GetFullPath((string)(await command.ExecuteScalarAsync(ct))!) == data;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    // postmaster.pid: process id, data directory, start time, port, ...; the port is not there at once.
    private static int Line(string file, int number) =>
        File.Exists(file) && int.TryParse(File.ReadLines(file).ElementAtOrDefault(number), CultureInfo.InvariantCulture, out var value) ? value : 0;
}
