using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tenancy.Accounts;

namespace PenguinMails.Tests.Jobs;

/// <summary>Jobs of these tests, run by workers of their own: other hosts do not know them.</summary>
public sealed class RetryTests(HostFixture host) : IDisposable
{
    private static readonly string Queue = $"test-{Guid.CreateVersion7():N}";

    private static readonly SemaphoreSlim Started = new(0);
    private static readonly SemaphoreSlim MayEnd = new(0);
    private static int _runs;

    private readonly BackgroundJobServer _workers = new(
        new BackgroundJobServerOptions
        {
            Queues = [Queue],
            WorkerCount = 2,
            FilterProvider = host.Services.GetRequiredService<IJobFilterProvider>(),
        },
        host.Services.GetRequiredService<JobStorage>());

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private IBackgroundJobClient Jobs => host.Services.GetRequiredService<IBackgroundJobClient>();

    public void Dispose() => _workers.Dispose();

    [Fact]
    public async Task A_job_that_fails_is_tried_again_after_60_120_and_240_seconds_and_staff_are_told_from_the_third_failure_on()
    {
        var id = Enqueue(() => Faulty.FailAsync("alice@example.com"));
        foreach (var (delay, notices) in new[] { ("60", 0), ("120", 0), ("240", 1) })
        {
            await StateAsync(id, $"Scheduled in {delay}");
            (await NoticesAsync()).ShouldBe(notices == 0 ? [] : [$"error|{notices}"]);
            // Not waited for.
            Jobs.ChangeState(id, new EnqueuedState(Queue));
        }

        await StateAsync(id, "Failed");
        (await NoticesAsync()).ShouldBe(["error|2"]);
        (await host.QueryAsync("SELECT count(*) FROM system_notifications WHERE message LIKE '%alice@example.com%' OR message LIKE '%is not to be read%'", Ct))
            .ShouldBe(["0"]);
    }

    [Fact]
    public void The_platforms_mail_is_tried_for_a_day()
    {
        var filters = host.Services.GetRequiredService<IJobFilterProvider>()
            .GetFilters(Job.FromExpression<AccountMail>(mail => mail.VerifyAsync(Guid.Empty, CancellationToken.None))).Select(filter => filter.Instance).ToList();

        filters.OfType<QueueAttribute>().ShouldHaveSingleItem().Queue.ShouldBe(JobQueues.Mail);
        var retry = new JobFilterProviderCollection(host.Services.GetRequiredService<IJobFilterProvider>())
            .GetFilters(Job.FromExpression<AccountMail>(mail => mail.VerifyAsync(Guid.Empty, CancellationToken.None)))
            .Select(filter => filter.Instance).OfType<AutomaticRetryAttribute>().ShouldHaveSingleItem();
        var delays = Enumerable.Range(0, retry.Attempts).Select(attempt => retry.DelaysInSeconds[Math.Min(attempt, retry.DelaysInSeconds.Length - 1)]);
        TimeSpan.FromSeconds(delays.Sum()).ShouldBeInRange(TimeSpan.FromHours(22), TimeSpan.FromHours(26));
    }

    [Fact]
    public async Task A_recurring_job_that_still_runs_is_not_run_beside_itself()
    {
        var first = Enqueue(() => new Slow().RunAsync(CancellationToken.None));
        (await Started.WaitAsync(TimeSpan.FromSeconds(30), Ct)).ShouldBeTrue();
        var second = Enqueue(() => new Slow().RunAsync(CancellationToken.None));

        // Left out, while the first goes on.
        await StateAsync(second, "Deleted");
        Volatile.Read(ref _runs).ShouldBe(1);
        MayEnd.Release(2);
        await StateAsync(first, "Succeeded");

        var third = Enqueue(() => new Slow().RunAsync(CancellationToken.None));
        await StateAsync(third, "Succeeded");
        Volatile.Read(ref _runs).ShouldBe(2);
    }

    private string Enqueue(System.Linq.Expressions.Expression<Func<Task>> call) => Jobs.Create(Job.FromExpression(call, Queue), new EnqueuedState(Queue));

    // Waits for the job to be in a state; of a retry, with its delay in seconds.
    private Task<string> StateAsync(string id, string state) => Given.EventuallyAsync(
        async () => (await host.QueryAsync(
            """
            SELECT s.name || coalesce(' in ' || round(((s.data ->> 'EnqueueAt')::numeric - (s.data ->> 'ScheduledAt')::numeric) / 1000), '')
            FROM hangfire.job j JOIN hangfire.state s ON s.id = j.stateid WHERE j.id = $1
            """, Ct, long.Parse(id, System.Globalization.CultureInfo.InvariantCulture))).Single(),
        found => found == state, Ct);

    private Task<IReadOnlyList<string>> NoticesAsync() => host.QueryAsync(
        "SELECT severity, alert_count FROM system_notifications WHERE dedup_key LIKE 'job_failed:Faulty.FailAsync%'", Ct);

    public static class Faulty
    {
        public static Task FailAsync(string argument) => throw new InvalidOperationException($"{argument} is not to be read");
    }

    public sealed class Slow : IRecurringJob
    {
        public async Task RunAsync(CancellationToken ct)
        {
            Interlocked.Increment(ref _runs);
            Started.Release();
            await MayEnd.WaitAsync(ct);
        }
    }
}
