using System.Globalization;
using Npgsql;
using PenguinMails.Tests.Processes;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Jobs;

/// <summary>Two hosts on one database of their own.</summary>
public sealed class TwoHostTests(HostFixture host)
{
    private const string Daily = "tenancy.forget-credentials";
    private const string Seal = "security.seal";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_run_that_is_due_is_made_once_and_when_one_host_is_killed_in_the_middle_the_other_finishes_and_goes_on()
    {
        DataDirectory.NeedsUnix();
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var one = await StartAsync(database);
        await using var other = await StartAsync(database);
        await using var administrator = await database.OpenAsync(Ct);

        for (var round = 1; round <= 10; round++)
        {
            await MakeDueAsync(administrator, Daily);
            await SucceededAsync(administrator, round);
        }

        (await administrator.ListAsync<long>(
            $"""
            SELECT (SELECT count(*) FROM hangfire.state s WHERE s.jobid = p.jobid AND s.name = 'Processing')
            FROM hangfire.jobparameter p WHERE p.name = 'RecurringJobId' AND p.value = '"{Daily}"'
            """, Ct)).ShouldBe(Enumerable.Repeat(1L, 10));

        await FinishesOfAKilledHostAsync(administrator, [one, other]);
        await MakeDueAsync(administrator, Daily);
        await SucceededAsync(administrator, 11);
    }

    // Held up by a lock of the test's, the sealing is in the hands of one host when that is killed.
    private static async Task FinishesOfAKilledHostAsync(NpgsqlConnection administrator, HostProcess[] hosts)
    {
        await administrator.ExecuteAsync("SELECT pg_advisory_lock(hashtextextended('security_event_chain', 0))", Ct);
        await MakeDueAsync(administrator, Seal);
        var (job, server) = await Given.EventuallyAsync(
            async () => (await administrator.ListAsync(
                $"""
                SELECT j.id, s.data ->> 'ServerId' FROM hangfire.job j
                JOIN hangfire.state s ON s.id = j.stateid AND s.name = 'Processing'
                JOIN hangfire.jobparameter p ON p.jobid = j.id AND p.name = 'RecurringJobId' AND p.value = '"{Seal}"'
                """, row => (row.GetInt64(0), row.GetString(1)), Ct)).FirstOrDefault(),
            found => found != default, Ct);
        var victim = hosts.Single(one => server.Contains($":{one.Id.ToString(CultureInfo.InvariantCulture)}:", StringComparison.Ordinal));

        victim.Kill();
        await victim.EndedAsync(Ct);
        await administrator.ExecuteAsync("SELECT pg_advisory_unlock_all()", Ct);

        var history = await Given.EventuallyAsync(
            () => administrator.ListAsync($"SELECT name, data ->> 'ServerId' FROM hangfire.state WHERE jobid = {job} ORDER BY id",
                row => (Name: row.GetString(0), Server: row.IsDBNull(1) ? null : row.GetString(1)), Ct),
            states => states[^1].Name == "Succeeded", Ct);
        var servers = history.Where(state => state.Name == "Processing").Select(state => state.Server).ToList();
        servers.Count.ShouldBe(2);
        servers[0].ShouldBe(server);
        servers[1].ShouldNotBe(server);
    }

    // The hosts of other tests work on another database.
    private Task<HostProcess> StartAsync(ScratchDatabase database) => HostProcess.BesideAsync(
        host, Ct, [.. database.HostOptions, "--Jobs:PollMilliseconds=100", "--Jobs:InvisibleSeconds=10"]);

    // As if its time had come two days ago and no host had been there.
    private static Task<int> MakeDueAsync(NpgsqlConnection administrator, string id) => administrator.ExecuteAsync(
        $"""
        UPDATE hangfire.hash SET value = (extract(epoch FROM now() - interval '2 days') * 1000)::bigint::text
        WHERE key = 'recurring-job:{id}' AND field IN ('CreatedAt', 'LastExecution', 'NextExecution');
        UPDATE hangfire.set SET score = 0 WHERE key = 'recurring-jobs' AND value = '{id}';
        """, Ct);

    private static Task<string> SucceededAsync(NpgsqlConnection administrator, int runs) => Given.EventuallyAsync(
        () => administrator.ScalarAsync<string>(
            $"""
            SELECT coalesce(string_agg(j.statename, ' ' ORDER BY j.id), 'none') FROM hangfire.job j
            JOIN hangfire.jobparameter p ON p.jobid = j.id AND p.name = 'RecurringJobId' AND p.value = '"{Daily}"'
            """, Ct),
        states => states == string.Join(' ', Enumerable.Repeat("Succeeded", runs)), Ct);
}
