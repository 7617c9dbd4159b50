using Npgsql;
using PenguinMails.Host.Embedded.Postgres;

namespace PenguinMails.Tests.Processes;

public sealed class ManyCrashesTests(DataDirectory data) : IClassFixture<DataDirectory>
{
    // In full it takes four minutes of two cores.
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("PENGUINMAILS_FULL_CRASH_TEST") is not null;
    private static readonly int Leads = IsFull ? 10_000 : 600;
    private static readonly int Kills = IsFull ? 20 : 2;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_killed_again_and_again_in_a_long_campaign_skips_nobody_and_writes_to_nobody_twice()
    {
        DataDirectory.NeedsUnix();
        await using var sink = new SinkLog();
        LongCampaign? campaign = null;
        var kills = new List<(int At, int Connections)>();
        while (kills.Count < Kills)
        {
            await using var host = await HostProcess.StartAsync(data.Root, Ct, sink.Options);
            campaign ??= await LaunchAsync(await host.ATenantAsync(Ct, address => sink.CodeAsync(address, Ct)));
            await sink.ReachesAsync(sink.Count + Random.Shared.Next(Leads / 50, Leads * 9 / 200), Ct);
            // Not always at the end of a message.
            await Task.Delay(Random.Shared.Next(20), Ct);
            kills.Add((sink.Count, sink.Connections));
            host.Kill();
            await host.EndedAsync(Ct);
        }

        await using var last = await HostProcess.StartAsync(data.Root, Ct, sink.Options);
        await using var database = await AdministratorAsync();
        await campaign!.CompletedAsync(database, Ct);

        await campaign.IsExactAsync(database, sink.Delivered, kills.Sum(kill => kill.Connections), $"Killed at {string.Join(' ', kills)}", Ct);
    }

    private static async Task<LongCampaign> LaunchAsync(TenantClient tenant)
    {
        var campaign = await LongCampaign.DraftAsync(tenant, Leads, mailboxes: 4, Ct);
        await campaign.LaunchAsync(Ct);
        return campaign;
    }

    // To the server that the host has started: its port is the fourth line of postmaster.pid.
    private async Task<NpgsqlConnection> AdministratorAsync()
    {
        var pid = Path.Combine(Directory.GetDirectories(data.Root, "postgres-*").Single(), "postmaster.pid");
        var port = int.Parse(File.ReadLines(pid).ElementAt(3));
        var password = (await File.ReadAllTextAsync(Path.Combine(data.Root, "postgres.password"), Ct)).Trim();
        var connection = EmbeddedPostgres.Connection(port, password);
        connection.Database = "penguinmails";
        var database = new NpgsqlConnection(connection.ConnectionString);
        await database.OpenAsync(Ct);
        return database;
    }
}
