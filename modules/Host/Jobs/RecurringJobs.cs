using Hangfire;
using Hangfire.Common;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Host.Jobs;

/// <summary>Puts the modules' lists into Hangfire, and takes out what no list names any more.</summary>
internal static class RecurringJobs
{
    public static void Schedule(IServiceProvider services)
    {
        var manager = services.GetRequiredService<IRecurringJobManager>();
        var wanted = Modules.InOrder.SelectMany(module => module.Jobs).ToList();
        foreach (var job in wanted)
        {
            var run = job.Job.GetMethod(nameof(IRecurringJob.RunAsync), [typeof(CancellationToken)])!;
            manager.AddOrUpdate(
                job.Id, new Job(job.Job, run, [CancellationToken.None], job.Queue), job.Cron, new RecurringJobOptions { TimeZone = TimeZoneInfo.Utc });
        }

        using var storage = services.GetRequiredService<JobStorage>().GetConnection();
        foreach (var id in Hangfire.Storage.StorageConnectionExtensions.GetRecurringJobs(storage).Select(job => job.Id).Except(wanted.Select(job => job.Id)))
        {
            manager.RemoveIfExists(id);
        }
    }
}
