using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Jobs;

namespace PenguinMails.Tests.Campaigns;

/// <summary>What became of messages: summed up by day, read as it happens, and both together.</summary>
public sealed class AnalyticsTests(HostFixture host)
{
    private static readonly EventType[] Once =
        [EventType.Opened, EventType.Clicked, EventType.Replied, EventType.Bounced, EventType.Complained, EventType.Unsubscribed];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static DateTimeOffset Midnight => new(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Days_that_are_over_are_summed_up_as_a_plain_model_does_and_again_the_same(int seed)
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaigns = new[] { await CampaignAsync(tenant), await CampaignAsync(tenant) };
        var events = Random(new Random(seed), tenant.TenantId, campaigns, days: 5);
        await SaveAsync(tenant, events);

        await RollUpAsync(tenant);
        var first = await DaysAsync(tenant);
        // As if all of it were news.
        await host.QueryAsync("UPDATE olap.campaign_daily SET created = '2000-01-01' WHERE tenant_id = $1", Ct, tenant.TenantId);
        await RollUpAsync(tenant);
        var second = await DaysAsync(tenant);

        first.ShouldNotBeEmpty();
        first.ShouldBe(Model(events, before: Midnight));
        second.ShouldBe(first);
    }

    [Fact]
    public async Task A_day_that_is_summed_up_is_not_counted_from_its_events_and_the_running_one_is()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await CampaignAsync(tenant);
        await SaveAsync(tenant, Random(new Random(4), tenant.TenantId, [campaign], days: 5));
        var live = await ReadAsync(tenant, $"campaigns/{campaign}/analytics?by=day");

        await RollUpAsync(tenant);
        var mixed = await ReadAsync(tenant, $"campaigns/{campaign}/analytics?by=day");
        await host.QueryAsync("UPDATE olap.campaign_daily SET sent = sent + 1000 WHERE tenant_id = $1", Ct, tenant.TenantId);
        await SaveAsync(tenant, [Event(tenant.TenantId, campaign, Guid.CreateVersion7(), EventType.Sent, Midnight.AddMilliseconds(1))]);
        var changed = await ReadAsync(tenant, $"campaigns/{campaign}/analytics?by=day");

        live["rows"]!.AsArray().Count.ShouldBeGreaterThan(3);
        mixed.ToJsonString().ShouldBe(live.ToJsonString());
        var rows = changed["rows"]!.AsArray().Select(row => row!).ToDictionary(row => row.Text("key"));
        var today = $"{Midnight:yyyy-MM-dd}";
        rows.Where(row => row.Key != today).ShouldAllBe(row => row.Value.Number("sent") >= 1000);
        rows[today].Number("sent").ShouldBe((mixed["rows"]!.AsArray().SingleOrDefault(row => row!.Text("key") == today)?.Number("sent") ?? 0) + 1);
    }

    [Fact]
    public async Task Rows_by_step_name_the_steps_and_rates_are_of_what_was_sent_or_delivered()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await CampaignAsync(tenant);
        var template = await tenant.ATemplateAsync(Ct);
        var step = await tenant.PostAsync($"campaigns/{campaign}/steps", CampaignScene.Email(template), Ct);
        await tenant.PostAsync($"campaigns/{campaign}/steps", CampaignScene.Email(template), Ct);
        var messages = Enumerable.Range(0, 8).Select(_ => Guid.CreateVersion7()).ToList();
        var at = Midnight.AddMilliseconds(1);
        EmailEvent Happens(int message, EventType type) => Event(tenant.TenantId, campaign, messages[message], type, at = at.AddTicks(10), step.Id());
        await SaveAsync(tenant,
        [
            .. Enumerable.Range(0, 7).Select(message => Happens(message, EventType.Sent)),
            // The eighth was refused at once; the seventh came back later.
            Happens(7, EventType.Bounced), Happens(6, EventType.Bounced),
            Happens(0, EventType.Opened), Happens(0, EventType.Opened), Happens(1, EventType.Opened), Happens(0, EventType.Clicked), Happens(0, EventType.Replied),
        ]);

        var report = await ReadAsync(tenant, $"campaigns/{campaign}/analytics?by=step");

        report["rows"]!.AsArray().Count.ShouldBe(2);
        var (row, unused) = (report["rows"]![0]!, report["rows"]![1]!);
        (row["key"]!.GetValue<Guid>(), row.Text("name").StartsWith("Step ", StringComparison.Ordinal)).ShouldBe((step.Id(), true));
        (row.Number("sent"), row.Number("delivered"), row.Number("bounced"), row.Number("opened"), row.Number("clicked"), row.Number("replied")).ShouldBe((8, 6, 2, 2, 1, 1));
        (Rate(row, "opened"), Rate(row, "clicked"), Rate(row, "replied"), Rate(row, "bounced"), Rate(row, "delivered")).ShouldBe((33.33m, 16.67m, 12.5m, 25m, 75m));
        (row.Number("executedCount"), unused.Number("executedCount"), unused.Number("sent"), Rate(unused, "opened")).ShouldBe((0, 0, 0, 0m));
        report["totals"]!.Number("sent").ShouldBe(8);
    }

    [Fact]
    public async Task A_message_that_was_given_up_counts_as_failed_also_when_its_day_was_summed_up_before()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await CampaignAsync(tenant);
        var message = (await host.QueryAsync("""
            INSERT INTO content.email_messages (tenant_id, campaign_id, message_id, to_address, from_address, status, created)
            VALUES ($1, $2, 'm', 'a@b.example', 'c@d.example', 'queued', $3) RETURNING id
            """, Ct, tenant.TenantId, campaign, Midnight.AddDays(-2))).Single();
        await SaveAsync(tenant, [Event(tenant.TenantId, campaign, Guid.Parse(message), EventType.Deferred, Midnight.AddDays(-2))]);
        await RollUpAsync(tenant);
        await host.QueryAsync("UPDATE content.email_messages SET status = 'failed' WHERE id = $1", Ct, Guid.Parse(message));

        // As if the last run had been yesterday's.
        await host.QueryAsync("UPDATE olap.campaign_daily SET created = $2 WHERE tenant_id = $1", Ct, tenant.TenantId, Midnight.AddMinutes(-10));
        await RollUpAsync(tenant);

        var totals = (await ReadAsync(tenant, $"campaigns/{campaign}/analytics"))["totals"]!;
        (totals.Number("failed"), totals.Number("deferred"), totals.Number("sent")).ShouldBe((1, 1, 0));
        (await host.QueryAsync("SELECT failed, deferred FROM olap.campaign_daily WHERE tenant_id = $1 ORDER BY 1", Ct, tenant.TenantId)).Sum(row => int.Parse(row.Split('|')[0]))
            .ShouldBe(1);
    }

    [Fact]
    public async Task The_job_finds_the_tenants_with_news()
    {
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await CampaignAsync(tenant);
        await SaveAsync(tenant, [Event(tenant.TenantId, campaign, Guid.CreateVersion7(), EventType.Sent, Midnight.AddDays(-1))]);

        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<CampaignRollup>().RunAsync(Ct);

        (await host.QueryAsync("SELECT sent FROM olap.campaign_daily WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_tenants_numbers_are_by_campaign_or_of_one_company()
    {
        var tenant = await host.ATenantAsync(Ct);
        var company = await tenant.PostAsync("companies", new { Name = "Other" }, Ct);
        var (mine, other) = (await CampaignAsync(tenant), (await tenant.PostAsync("campaigns", new { CompanyId = company.Id(), Name = "=Other" }, Ct)).Id());
        await SaveAsync(tenant,
        [
            Event(tenant.TenantId, mine, Guid.CreateVersion7(), EventType.Sent, Midnight),
            Event(tenant.TenantId, other, Guid.CreateVersion7(), EventType.Sent, Midnight.AddDays(-3)),
            Event(tenant.TenantId, other, Guid.CreateVersion7(), EventType.Sent, Midnight.AddDays(-40)),
        ]);

        var all = await ReadAsync(tenant, "analytics?by=campaign");
        var one = await ReadAsync(tenant, $"analytics?by=campaign&companyId={company.Id()}&from={Midnight.AddDays(-60):yyyy-MM-dd}");
        var csv = await tenant.Http.GetAsync($"analytics?by=campaign&companyId={company.Id()}&format=csv", Ct);

        all["rows"]!.AsArray().Select(row => (row!["key"]!.GetValue<Guid>(), row!.Text("name"), row!.Number("sent")))
            .ShouldBe([(mine, "C", 1), (other, "=Other", 1)], ignoreOrder: true);
        one["rows"]!.AsArray().Select(row => (row!.Text("name"), row!.Number("sent"))).ShouldBe([("=Other", 2)]);
        csv.Content.Headers.ContentType!.MediaType.ShouldBe("text/csv");
        var lines = (await csv.Content.ReadAsStringAsync(Ct)).Trim('\uFEFF').Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[0].ShouldStartWith("key,name,sent,delivered,opened");
        // Not a formula.
        lines[1].ShouldStartWith($"{other},\"'=Other\",1,1,0");
    }

    [Theory]
    [InlineData("by=weather", "by")]
    [InlineData("format=xml", "format")]
    [InlineData("from=2026-02-02&to=2026-02-01", "from")]
    [InlineData("from=2024-01-01&to=2025-01-01", "from")]
    [InlineData("from=yesterday", "from")]
    public async Task What_is_out_of_bounds_is_refused_by_name(string query, string field)
    {
        var tenant = await host.ATenantAsync(Ct);

        (await (await tenant.Http.GetAsync($"analytics?{query}", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
        var campaign = await CampaignAsync(tenant);
        (await (await tenant.Http.GetAsync($"campaigns/{campaign}/analytics?{query}", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
    }

    [Fact]
    public async Task Another_tenants_campaign_or_company_is_not_found()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var campaign = await CampaignAsync(tenant);
        await SaveAsync(tenant, [Event(tenant.TenantId, campaign, Guid.CreateVersion7(), EventType.Sent, Midnight)]);

        await (await stranger.Http.GetAsync($"campaigns/{campaign}/analytics", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        await (await stranger.Http.GetAsync($"analytics?companyId={tenant.CompanyId}", Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        (await ReadAsync(stranger, "analytics"))["totals"]!.Number("sent").ShouldBe(0);
        (await ReadAsync(tenant, "analytics"))["totals"]!.Number("sent").ShouldBe(1);
    }

    private static async Task<Guid> CampaignAsync(TenantClient tenant) =>
        (await tenant.PostAsync("campaigns", new { tenant.CompanyId, Name = "C" }, Ct)).Id();

    private static Task<JsonNode> ReadAsync(TenantClient tenant, string path) => tenant.GetAsync(path, Ct);

    private static decimal Rate(JsonNode row, string name) => row["rates"]![name]!.GetValue<decimal>();

    private static EmailEvent Event(
        Guid tenant, Guid campaign, Guid message, EventType type, DateTimeOffset at, Guid? step = null, Guid? variant = null, Guid? mailbox = null, string? provider = null) => new()
    {
        Id = Guid.CreateVersion7(at), TenantId = tenant, Created = at, Occurred = at, EventType = type, MessageId = message,
        CampaignId = campaign, StepId = step, VariantId = variant, EmailAccountId = mailbox, Provider = provider,
    };

    // Messages with all that may happen to them, in any order and again and again, over so many days and the running one.
    private static List<EmailEvent> Random(Random random, Guid tenant, Guid[] campaigns, int days)
    {
        Guid?[] ids = [null, .. Enumerable.Range(0, 2).Select(_ => (Guid?)Guid.CreateVersion7())];
        string?[] providers = [null, "google", "other"];
        var (begins, events) = (Midnight.AddDays(-days), new List<EmailEvent>());
        for (var number = 0; number < 60; number++)
        {
            var (message, campaign, step) = (Guid.CreateVersion7(), campaigns[random.Next(campaigns.Length)], ids[random.Next(ids.Length)]);
            var (mailbox, provider) = (ids[random.Next(ids.Length)], providers[random.Next(providers.Length)]);
            EventType[] types = [.. random.Next(5) == 0 ? [EventType.Bounced] : new[] { EventType.Sent }, .. random.GetItems(Once, random.Next(6)),
                .. Enumerable.Repeat(EventType.Deferred, random.Next(3))];
            foreach (var type in types)
            {
                // No two at once. Of the running day only its first moment, which is over whenever this runs.
                var at = begins.AddHours(random.Next(days * 24 + 1)).AddTicks(10 * (events.Count + 1));
                events.Add(Event(tenant, campaign, message, type, at, step, step, mailbox, provider));
            }
        }

        return events;
    }

    private static List<string> Model(List<EmailEvent> events, DateTimeOffset before)
    {
        var counted = events.Where(one => !Once.Contains(one.EventType)
            || !events.Any(other => other.MessageId == one.MessageId && other.EventType == one.EventType && other.Created < one.Created)).ToList();
        var accepted = events.Where(one => one.EventType == EventType.Sent).Select(one => one.MessageId).ToHashSet();
        return [.. counted.Where(one => one.Created < before)
            .GroupBy(one => (one.CampaignId, Day: DateOnly.FromDateTime(one.Created.UtcDateTime), one.StepId, one.VariantId, one.EmailAccountId, one.Provider))
            .Select(group =>
            {
                int Count(EventType type) => group.Count(one => one.EventType == type);
                var refused = group.Count(one => one.EventType == EventType.Bounced && !accepted.Contains(one.MessageId));
                return Line(
                    [group.Key.CampaignId, $"{group.Key.Day:yyyy-MM-dd}", group.Key.StepId, group.Key.VariantId, group.Key.EmailAccountId, group.Key.Provider],
                    [Count(EventType.Sent) + refused, Count(EventType.Opened), Count(EventType.Clicked), Count(EventType.Replied), Count(EventType.Bounced),
                        Count(EventType.Complained), Count(EventType.Unsubscribed), Count(EventType.Deferred), 0]);
            }).Order(StringComparer.Ordinal)];
    }

    private static string Line(object?[] keys, int[] counts) => $"{string.Join('|', keys)}: {string.Join(' ', counts)}";

    private async Task SaveAsync(TenantClient tenant, IEnumerable<EmailEvent> events)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        db.Events.AddRange(events);
        await db.SaveChangesAsync(Ct);
    }

    private async Task RollUpAsync(TenantClient tenant)
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<CampaignRollup>().RunAsync(tenant.TenantId, Ct);
    }

    private async Task<List<string>> DaysAsync(TenantClient tenant)
    {
        await using var scope = host.ScopeOf(tenant.TenantId);
        var days = await scope.ServiceProvider.GetRequiredService<CampaignsDb>().Days.AsNoTracking().ToListAsync(Ct);
        return [.. days.Select(day => Line(
            [day.CampaignId, $"{day.Day:yyyy-MM-dd}", day.StepId, day.VariantId, day.EmailAccountId, day.Provider],
            [day.Sent, day.Opened, day.Clicked, day.Replied, day.Bounced, day.Complained, day.Unsubscribed, day.Deferred, day.Failed])).Order(StringComparer.Ordinal)];
    }
}
