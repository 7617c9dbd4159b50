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
            (await StatesAsync(id, ScheduledState.StateName, history => history.LastOrDefault() == delay)).ShouldContain(delay);
            (await NoticesAsync()).ShouldBe(notices == 0 ? [] : [$"error|{notices}"]);
            // Not waited for.
            Jobs.ChangeState(id, new EnqueuedState(Queue));
        }

        await StatesAsync(id, FailedState.StateName, history => history.Count == 1);
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
        await StatesAsync(second, SucceededState.StateName, history => history.Count == 1);
        Volatile.Read(ref _runs).ShouldBe(1);
        MayEnd.Release(2);
        await StatesAsync(first, SucceededState.StateName, history => history.Count == 1);

        var third = Enqueue(() => new Slow().RunAsync(CancellationToken.None));
        await StatesAsync(third, SucceededState.StateName, history => history.Count == 1);
        Volatile.Read(ref _runs).ShouldBe(2);
    }

    private string Enqueue(System.Linq.Expressions.Expression<Func<Task>> call) => Jobs.Create(Job.FromExpression(call, Queue), new EnqueuedState(Queue));

    // The seconds of delay of each state of this name that the job has been in, oldest first; a state without delay has 0.
    private Task<IReadOnlyList<string>> StatesAsync(string id, string state, Func<IReadOnlyList<string>, bool> isWanted) => Given.EventuallyAsync(
        () => host.QueryAsync(
            """
            SELECT round(extract(epoch FROM coalesce((data ->> 'EnqueueAt')::timestamptz - (data ->> 'ScheduledAt')::timestamptz, '0 seconds')))
            FROM hangfire.state WHERE jobid = $1 AND name = $2 ORDER BY id
            """, Ct, long.Parse(id, System.Globalization.CultureInfo.InvariantCulture), state),
        isWanted, Ct);

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
