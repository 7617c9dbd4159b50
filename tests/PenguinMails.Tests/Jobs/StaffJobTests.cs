using System.Net;
using System.Text.Json.Nodes;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Host;
using PenguinMails.Host.Jobs;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Tests.Jobs;

public sealed class StaffJobTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_has_every_modules_jobs_with_their_schedule_and_queue()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);

        var jobs = (await staff.GetAsync("staff/jobs", Ct))["items"]!.AsArray().Select(job => job!).ToList();

        jobs.Select(job => $"{job.Text("id")} {job.Text("cron")} {job.Text("queue")}").ShouldBe(
            Modules.InOrder.SelectMany(module => module.Jobs).Select(job => $"{job.Id} {job.Cron} {job.Queue}"), ignoreOrder: true);
        jobs.ShouldAllBe(job => job["error"] == null);
        jobs.ShouldContain(job => job["nextRun"] != null);
    }

    [Fact]
    public void Every_queue_has_workers_and_every_job_such_a_queue()
    {
        var served = host.Services.GetRequiredService<JobStorage>().GetMonitoringApi().Servers().SelectMany(server => server.Queues).ToHashSet();

        var queues = typeof(JobQueues).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToList();
        queues.Count.ShouldBe(5);
        queues.ShouldBeSubsetOf(served);
        Modules.InOrder.SelectMany(module => module.Jobs).Select(job => job.Queue).ShouldBeSubsetOf(queues);
    }

    [Fact]
    public async Task Triggered_it_runs_now_and_the_audit_log_says_by_whom()
    {
        var staff = await host.AStaffMemberAsync(role: 1, Ct);
        var before = (await JobAsync(staff, "security.verify"))["lastRun"]?.GetValue<DateTimeOffset>();

        (await staff.Http.PostAsync("staff/jobs/security.verify/trigger", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        await Given.EventuallyAsync(() => JobAsync(staff, "security.verify"),
            job => job["lastState"]?.GetValue<string>() == "succeeded" && job["lastRun"]?.GetValue<DateTimeOffset>() != before, Ct);
        (await host.QueryAsync("SELECT resource_id FROM audit_log WHERE actor_user_id = $1 AND action = 'jobs.trigger'", Ct, staff.UserId))
            .ShouldBe(["security.verify"]);
    }

    [Fact]
    public async Task Paused_it_is_not_run_though_a_host_starts_anew_until_it_is_resumed()
    {
        const string Id = "tenancy.purge-tenants";
        var staff = await host.AStaffMemberAsync(role: 2, Ct);

        (await staff.Http.PostAsync($"staff/jobs/{Id}/pause", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        try
        {
            // As each host does when it starts.
            RecurringJobs.Schedule(host.Services);
            var runs = await RunsAsync(Id);
            host.Services.GetRequiredService<IRecurringJobManager>().Trigger(Id);

            (await RunsAsync(Id)).ShouldBe(runs);
            var paused = await JobAsync(staff, Id);
            paused["isPaused"]!.GetValue<bool>().ShouldBeTrue();
            paused["nextRun"].ShouldBeNull();
            (await staff.Http.PostAsync($"staff/jobs/{Id}/trigger", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        }
        finally
        {
            (await staff.Http.PostAsync($"staff/jobs/{Id}/resume", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await JobAsync(staff, Id))["isPaused"]!.GetValue<bool>().ShouldBeFalse();
        var resumed = await RunsAsync(Id);
        (await staff.Http.PostAsync($"staff/jobs/{Id}/trigger", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await RunsAsync(Id)).ShouldBe(resumed + 1);
        (await host.QueryAsync("SELECT action FROM audit_log WHERE actor_user_id = $1 AND resource_id = $2 AND action LIKE 'jobs.%' ORDER BY action", Ct, staff.UserId, Id))
            .ShouldBe(["jobs.pause", "jobs.resume", "jobs.trigger"]);
    }

    [Theory]
    [InlineData("trigger")]
    [InlineData("pause")]
    [InlineData("resume")]
    public async Task A_job_that_does_not_exist_is_not_found(string verb)
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);

        await (await staff.Http.PostAsync($"staff/jobs/no.such-job/{verb}", null, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    [Fact]
    public async Task Support_neither_sees_nor_runs_jobs()
    {
        var staff = await host.AStaffMemberAsync(role: 3, Ct);

        (await staff.Http.GetAsync("staff/jobs", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await staff.Http.PostAsync("staff/jobs/security.verify/pause", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private static async Task<JsonNode> JobAsync(TenantClient staff, string id) =>
        (await staff.GetAsync("staff/jobs", Ct))["items"]!.AsArray().Single(job => job!.Text("id") == id)!;

    private async Task<int> RunsAsync(string id) => int.Parse(
        (await host.QueryAsync("SELECT count(*) FROM hangfire.jobparameter WHERE name = 'RecurringJobId' AND value = $1", Ct, $"\"{id}\"")).Single(),
        System.Globalization.CultureInfo.InvariantCulture);
}
