using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Jobs;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Mailboxes warm up, are judged by their numbers, and stop where those ask for it.</summary>
public sealed class WarmupTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_warmup_begins_with_ten_a_day_and_its_plan_shows_the_weeks_to_come()
    {
        var (tenant, path) = await AMailboxAsync();
        (await tenant.GetAsync($"{path}/warmup", Ct)).Text("status").ShouldBe("none");
        (await tenant.GetAsync(path, Ct))["cap"]!.GetValue<int>().ShouldBe(1000);

        var warmup = await SetAsync(tenant, path, "warming");

        $"{warmup["status"]} {warmup["day"]} {warmup["cap"]} {warmup["health"]} {warmup["condition"]}".ShouldBe("warming 1 10  insufficient_data");
        warmup["plan"]!.AsArray().Select(day => day!["planned"]!.GetValue<int>()).ShouldBe(
            [.. Enumerable.Repeat(10, 7), .. Enumerable.Repeat(20, 7), .. Enumerable.Repeat(35, 7), .. Enumerable.Repeat(50, 7)]);
        warmup["plan"]![0]!.Text("date").ShouldBe($"{Now:yyyy-MM-dd}");
        (await tenant.GetAsync(path, Ct))["cap"]!.GetValue<int>().ShouldBe(10);
    }

    [Fact]
    public async Task A_mailbox_may_begin_warm_and_stop_at_any_time()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailbox = await tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a@{domain["domain"]}", Warmup = true }, Ct);
        var path = $"email-accounts/{mailbox.Id()}";

        $"{mailbox["warmup"]} {mailbox["cap"]}".ShouldBe("warming 10");
        var stopped = await SetAsync(tenant, path, "none");
        $"{stopped["status"]} {stopped["cap"]}".ShouldBe("none 30");
        await (await tenant.Http.PutAsJsonAsync($"{path}/warmup", new { Status = "paused" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await (await tenant.Http.PutAsJsonAsync($"{path}/warmup", new { Status = "warmed" }, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct))
            .Fields().ShouldBe(["status"]);
    }

    [Fact]
    public async Task Days_of_a_pause_do_not_count()
    {
        var (tenant, path) = await AMailboxAsync();
        await SetAsync(tenant, path, "warming");
        await MoveAsync(path, days: 8);
        (await SetAsync(tenant, path, "paused"))["day"]!.GetValue<int>().ShouldBe(9);
        await MoveAsync(path, days: 10);
        await RunAsync(tenant);

        (await tenant.GetAsync($"{path}/warmup", Ct))["cap"]!.GetValue<int>().ShouldBe(20);
        var warming = await SetAsync(tenant, path, "warming");
        $"{warming["status"]} {warming["day"]} {warming["cap"]}".ShouldBe("warming 9 20");
    }

    [Fact]
    public async Task Days_on_which_the_mailbox_is_stopped_do_not_count()
    {
        var (tenant, path) = await AMailboxAsync();
        await SetAsync(tenant, path, "warming");
        await MoveAsync(path, days: 8);
        await RunAsync(tenant);
        await tenant.PostAsync($"{path}/pause", new { }, Ct);
        await MoveAsync(path, days: 10);
        await RunAsync(tenant);

        var warmup = await tenant.GetAsync($"{path}/warmup", Ct);
        $"{warmup["status"]} {warmup["day"]} {warmup["cap"]}".ShouldBe("warming 9 20");
    }

    [Fact]
    public async Task Each_day_is_planned_and_judged_once_however_often_the_job_runs()
    {
        var (tenant, path) = await AMailboxAsync();
        await SetAsync(tenant, path, "warming");
        await LogAsync(tenant, path, daysAgo: 1, sent: 50, opened: 10, clicked: 5);
        await LogAsync(tenant, path, daysAgo: 0, sent: 50, bounced: 1);

        await RunAsync(tenant);
        await RunAsync(tenant);

        // 100 - 10 x 1 % + 0.2 x 10 % + 0.1 x 5 %
        var warmup = await tenant.GetAsync($"{path}/warmup", Ct);
        $"{warmup["health"]} {warmup["condition"]}".ShouldBe("92.50 good");
        warmup["lastWarmed"]!.GetValue<DateTimeOffset>().ShouldBe(Now, TimeSpan.FromMinutes(5));
        warmup["log"]!.AsArray().Select(day => $"{day!["planned"]} {day["sent"]} {day["bounced"]} {day["opened"]} {day["clicked"]} {day["health"]}")
            .ShouldBe(["0 50 0 10 5 ", "10 50 1 0 0 92.50"]);
    }

    [Theory]
    [InlineData(19, 0, 0, 0, 0, null, "insufficient_data")]
    [InlineData(20, 0, 0, 0, 0, 100, "good")]
    [InlineData(100, 1, 0, 0, 0, 90, "good")]
    [InlineData(100, 3, 0, 0, 0, 70, "fair")]
    [InlineData(100, 0, 1, 0, 0, 50, "poor")]
    [InlineData(100, 0, 1, 50, 50, 65, "poor")]
    [InlineData(100, 5, 1, 0, 0, 0, "critical")]
    [InlineData(100, 0, 0, 100, 100, 100, "good")]
    public async Task Health_is_what_the_last_days_say(int sent, int bounced, int complained, int opened, int clicked, int? health, string condition)
    {
        var (tenant, path) = await AMailboxAsync();
        await LogAsync(tenant, path, daysAgo: 6, sent, bounced, complained, opened, clicked);
        // Older than a week: it no longer counts.
        await LogAsync(tenant, path, daysAgo: 7, sent: 1000, bounced: 1000);

        await RunAsync(tenant);

        var mailbox = await tenant.GetAsync(path, Ct);
        ((int?)mailbox["health"]?.GetValue<decimal>(), mailbox.Text("condition")).ShouldBe((health, condition));
        mailbox.Text("status").ShouldBe("active");
    }

    [Theory]
    [InlineData(20, 1, 0, "active")]
    [InlineData(20, 2, 0, "paused")]
    [InlineData(20, 3, 0, "suspended")]
    [InlineData(19, 19, 0, "active")]
    [InlineData(2000, 0, 2, "active")]
    [InlineData(2000, 0, 3, "paused")]
    [InlineData(400, 0, 1, "paused")]
    public async Task Bounces_and_complaints_stop_a_mailbox_and_its_tenant_is_told(int sent, int bounced, int complained, string status)
    {
        var (tenant, path) = await AMailboxAsync();
        await LogAsync(tenant, path, daysAgo: 0, sent, bounced, complained);

        await RunAsync(tenant);
        await RunAsync(tenant);

        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe(status);
        var told = (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray();
        told.Select(item => $"{item!["title"]} {item["alertCount"]}").ShouldBe(status == "active" ? [] : [$"Mailbox {status} 1"]);
    }

    [Fact]
    public async Task What_paused_a_mailbox_keeps_it_paused_until_it_is_past()
    {
        var (tenant, path) = await AMailboxAsync();
        await LogAsync(tenant, path, daysAgo: 0, sent: 100, bounced: 8);
        await RunAsync(tenant);

        var problem = await (await tenant.Http.PostAsJsonAsync($"{path}/resume", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        problem.Text("title").ShouldStartWith("Of the last 100 messages 8 % bounced.");
        await host.QueryAsync("UPDATE warmup_log SET day = day - 2 WHERE tenant_id = $1", Ct, tenant.TenantId);
        (await tenant.PostAsync($"{path}/resume", new { }, Ct)).Text("status").ShouldBe("active");
        await RunAsync(tenant);
        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task What_staff_have_looked_at_no_longer_counts_against_a_mailbox()
    {
        var (tenant, path) = await AMailboxAsync();
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        await LogAsync(tenant, path, daysAgo: 0, sent: 100, bounced: 20);
        await RunAsync(tenant);
        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("suspended");

        (await staff.Http.PostAsJsonAsync($"staff/{path}/restore", new { Reason = "A typing error in the list" }, Ct)).EnsureSuccessStatusCode();
        await RunAsync(tenant);

        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task A_warmup_of_poor_health_is_paused_with_its_mailbox_and_cannot_go_on_meanwhile()
    {
        var (tenant, path) = await AMailboxAsync();
        await SetAsync(tenant, path, "warming");
        await LogAsync(tenant, path, daysAgo: 3, sent: 100, bounced: 4);

        await RunAsync(tenant);

        var mailbox = await tenant.GetAsync(path, Ct);
        $"{mailbox["status"]} {mailbox["warmup"]} {mailbox["statusReason"]}".ShouldBe("paused paused Its health is 60, too low for a warmup.");
        await (await tenant.Http.PutAsJsonAsync($"{path}/warmup", new { Status = "warming" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await host.QueryAsync("UPDATE warmup_log SET day = day - 7 WHERE tenant_id = $1", Ct, tenant.TenantId);
        await RunAsync(tenant);
        (await SetAsync(tenant, path, "warming")).Text("status").ShouldBe("warming");
    }

    [Theory]
    [InlineData(27, 0, "warming", 50)]
    [InlineData(28, 0, "warmed", 1000)]
    [InlineData(28, 1, "warming", 35)]
    [InlineData(40, 0, "warmed", 1000)]
    public async Task A_warmup_ends_after_four_weeks_of_good_health(int days, int bouncePercent, string status, int cap)
    {
        var (tenant, path) = await AMailboxAsync();
        await SetAsync(tenant, path, "warming");
        await MoveAsync(path, days);
        await LogAsync(tenant, path, daysAgo: 3, sent: 100, bounced: bouncePercent);

        await RunAsync(tenant);

        var warmup = await tenant.GetAsync($"{path}/warmup", Ct);
        $"{warmup["status"]} {warmup["cap"]}".ShouldBe($"{status} {cap}");
    }

    [Fact]
    public async Task However_many_begin_at_once_the_plans_number_of_warmups_holds()
    {
        var tenant = await host.ATenantAsync(Ct);
        var slug = $"p{Guid.CreateVersion7():N}";
        await host.QueryAsync("INSERT INTO plans (name, slug, max_warmups, is_active) VALUES ('Two warmups', $1, 2, false)", Ct, slug);
        await host.PutOnPlanAsync(tenant, slug, Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailboxes = await Task.WhenAll(Enumerable.Range(0, 5).Select(number =>
            tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a{number}@{domain["domain"]}" }, Ct)));

        var answers = await Task.WhenAll(mailboxes.Select(mailbox =>
            tenant.Http.PutAsJsonAsync($"email-accounts/{mailbox.Id()}/warmup", new { Status = "warming" }, Ct)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(2);
        var refused = await answers.First(answer => answer.StatusCode != HttpStatusCode.OK).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        refused.Text("title").ShouldBe("The plan Two warmups allows 2 warmups at once.");
        var another = await tenant.Http.PostAsJsonAsync("email-accounts", new { DomainId = domain.Id(), Email = $"b@{domain["domain"]}", Warmup = true }, Ct);
        (await another.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["warmup"]);
    }

    [Fact]
    public async Task A_brake_does_not_undo_what_somebody_does_to_the_mailbox_meanwhile()
    {
        var (tenant, path) = await AMailboxAsync();
        await LogAsync(tenant, path, daysAgo: 0, sent: 20, bounced: 2);
        await using var scope = host.ScopeOf(tenant.TenantId);
        var db = scope.ServiceProvider.GetRequiredService<InfrastructureDb>();
        await using var other = await TenantTransaction.BeginAsync(db, Ct);
        await db.Database.ExecuteSqlAsync($"UPDATE email_accounts SET status = 'suspended' WHERE id = {Guid.Parse(path.Split('/')[1])}", Ct);

        var run = RunAsync(tenant);
        await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid))", Ct, other.Connection.ProcessID),
            rows => rows is not ["0"], Ct);
        await other.CommitAsync(Ct);
        await run;

        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("suspended");
        (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().ShouldBeEmpty();
    }

    private async Task<(TenantClient Tenant, string Path)> AMailboxAsync()
    {
        var tenant = await host.ATenantAsync(Ct);
        return (tenant, $"email-accounts/{(await tenant.AMailboxAsync(Ct)).Id()}");
    }

    private static async Task<JsonNode> SetAsync(TenantClient tenant, string path, string status) =>
        await (await tenant.Http.PutAsJsonAsync($"{path}/warmup", new { Status = status }, Ct)).ReadAsync(Ct);

    // What each hour does, for this tenant.
    private async Task RunAsync(TenantClient tenant)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<MailboxWarmup>().RunAsync(tenant.TenantId, Ct);
    }

    // As if so many days had passed.
    private Task MoveAsync(string path, int days) => host.QueryAsync(
        """
        UPDATE email_accounts SET ramp_started = ramp_started - make_interval(days => $2), warmup_held = warmup_held - make_interval(days => $2),
            last_warmed = last_warmed - make_interval(days => $2)
        WHERE id = $1
        """, Ct, Guid.Parse(path.Split('/')[1]), days);

    // What came in on a day.
    private Task LogAsync(
        TenantClient tenant, string path, int daysAgo, int sent, int bounced = 0, int complained = 0, int opened = 0, int clicked = 0) => host.QueryAsync(
        """
        INSERT INTO warmup_log (tenant_id, email_account_id, day, sent, bounced, complained, opened, clicked)
        VALUES ($1, $2, (now() AT TIME ZONE 'utc')::date - $3, $4, $5, $6, $7, $8)
        """, Ct, tenant.TenantId, Guid.Parse(path.Split('/')[1]), daysAgo, sent, bounced, complained, opened, clicked);
}
