using System.Collections.Concurrent;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Tests.Jobs;

public sealed class SweepTests
{
    [Fact]
    public async Task One_that_fails_stops_no_other_and_no_more_than_allowed_are_at_work_at_once()
    {
        var (done, working, most) = (new ConcurrentBag<int>(), 0, 0);

        var faults = await Should.ThrowAsync<AggregateException>(() => Sweep.EachApartAsync(
            Enumerable.Range(1, 40).ToAsyncEnumerable(),
            3,
            async (number, ct) =>
            {
                most = Math.Max(most, Interlocked.Increment(ref working));
                await Task.Delay(1, ct);
                Interlocked.Decrement(ref working);
                (number % 10).ShouldNotBe(5);
                done.Add(number);
            },
            TestContext.Current.CancellationToken));

        faults.InnerExceptions.Count.ShouldBe(4);
        done.Count.ShouldBe(36);
        most.ShouldBeLessThanOrEqualTo(3);
    }
}
