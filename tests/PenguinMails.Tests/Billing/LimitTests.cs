using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Jobs;
using PenguinMails.Tests.Campaigns;

namespace PenguinMails.Tests.Billing;

/// <summary>What a plan refuses, in which words, and what it lets alone.</summary>
public sealed class LimitTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("max_users", "users", 1, "email")]
    [InlineData("max_domains", "domains", 1, "domain")]
    [InlineData("max_email_accounts", "email_accounts", 1, "email")]
    [InlineData("max_warmups", "warmups", 1, "warmup")]
    [InlineData("max_contacts", "contacts", 1, "email")]
    [InlineData("max_campaigns_per_month", "campaigns_per_month", 1, "subscription")]
    [InlineData("max_emails_per_month", "emails_per_month", 1, "subscription")]
    [InlineData("max_storage_gb", "storage", 1_000_000_000, "subscription")]
    public async Task A_refusal_names_limit_usage_plan_and_the_cheapest_plan_that_would_allow_it(string column, string limit, int unit, string field)
    {
        var tenant = await host.ATenantAsync(Ct);
        await FillAsync(tenant, limit);
        await host.PutOnOwnPlanAsync(tenant, Ct, (column, 1));

        var problem = await (await AddAsync(tenant, limit)).RefusalAsync(limit, Ct);

        problem.Fields().ShouldBe([field]);
        problem.Text("plan").ShouldBe(PlanGiven.SlugOf(tenant));
        (problem.Number("used"), problem.Number("allowed")).ShouldBe((unit, unit));
        problem.Text("upgradeTo").ShouldBe(await CheapestAsync(tenant, column));
        problem.Text("title").ShouldStartWith("The plan Small allows 1 ");
        (await tenant.UsageAsync(limit, Ct)).ShouldBe($"{unit} of {unit}, 100 %");
    }

    [Fact]
    public async Task An_import_that_is_too_much_is_refused_as_a_whole_and_says_so_as_well()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_contacts", 3));
        await tenant.AListAsync(2, Ct);

        var answer = await tenant.SendFileAsync("leads/import", "email\nx@recipient.example\ny@recipient.example\n"u8.ToArray(), Ct);

        var problem = await answer.RefusalAsync("contacts", Ct);
        (problem.Number("used"), problem.Number("allowed"), problem.Fields()[0]).ShouldBe((2, 3, "file"));
        (await tenant.UsageAsync("contacts", Ct)).ShouldBe("2 of 3, 66.6 %");
    }

    [Fact]
    public async Task Add_ons_raise_the_limits_of_users_domains_and_emails_while_they_are_active()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_users", 1), ("max_domains", 1), ("max_emails_per_month", 500));
        await host.AddOnAsync(tenant, "extra_users", 2, Ct);
        await host.AddOnAsync(tenant, "extra_domains", 1, Ct);
        await host.AddOnAsync(tenant, "extra_domains", 7, Ct, isActive: false);
        await host.AddOnAsync(tenant, "extra_emails", 3, Ct);
        await host.AddOnAsync(tenant, "dedicated_ip", 1, Ct);
        await tenant.ADomainAsync(Ct);
        await tenant.ADomainAsync(Ct);

        var problem = await (await AddAsync(tenant, "domains")).RefusalAsync("domains", Ct);

        problem.Number("allowed").ShouldBe(2);
        (await tenant.UsageAsync("users", Ct)).ShouldBe("1 of 3, 33.3 %");
        (await tenant.UsageAsync("emails_per_month", Ct)).ShouldBe("0 of 30500, 0 %");
    }

    [Fact]
    public async Task What_the_plan_does_not_limit_is_unlimited()
    {
        var tenant = await host.ATenantOnAsync(Ct);

        foreach (var limit in new[] { "domains", "contacts", "users" })
        {
            (await AddAsync(tenant, limit)).StatusCode.ShouldBe(HttpStatusCode.Created);
        }

        (await tenant.UsageAsync("domains", Ct)).ShouldBe("1 of any, no %");
    }

    [Theory]
    [InlineData("unpaid")]
    [InlineData("canceled")]
    public async Task Without_a_subscription_in_force_nothing_is_added_and_everything_is_read(string status)
    {
        var tenant = await host.ATenantAsync(Ct);
        await FillAsync(tenant, "campaigns_per_month");
        await host.SetStatusAsync(tenant, status, Ct);

        foreach (var limit in new[] { "users", "domains", "email_accounts", "contacts" })
        {
            var problem = await (await AddAsync(tenant, limit)).ProblemAsync(HttpStatusCode.PaymentRequired, Ct);
            // Whoever is asked first says no: the limit, or the subscription for all writing.
            (problem["plan"]?.GetValue<string>() ?? "starter").ShouldBe("starter");
        }

        foreach (var path in new[] { "leads", "domains", "email-accounts", "campaigns", "analytics", "usage" })
        {
            (await tenant.Http.GetAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }

    [Fact]
    public async Task A_late_payment_has_its_days_of_grace()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.SetStatusAsync(tenant, "past_due", Ct);

        (await AddAsync(tenant, "domains")).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Features_are_refused_by_a_plan_without_them_and_the_answer_names_one_that_has_them()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        Func<Task<HttpResponseMessage>>[] features =
        [
            () => tenant.Http.PostAsJsonAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" } }, Ct),
            () => tenant.Http.GetAsync("analytics?by=mailbox", Ct),
            () => tenant.Http.GetAsync("analytics?by=provider", Ct),
            () => tenant.Http.PatchAsJsonAsync($"domains/{domain.Id()}", new { TrackingHost = "go" }, Ct),
        ];

        var refused = new List<JsonNode>();
        foreach (var feature in features)
        {
            refused.Add(await (await feature()).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct));
        }

        refused.Select(problem => problem.Text("limit")).ShouldBe(["api_access", "advanced_analytics", "advanced_analytics", "white_label"]);
        refused.ShouldAllBe(problem => problem.Text("plan") == "starter");
        refused[0].Text("upgradeTo").ShouldBe(await CheapestAsync(tenant, "api_access"));
        refused[3].Text("upgradeTo").ShouldBe(await CheapestAsync(tenant, "white_label"));
        (await tenant.Http.GetAsync("analytics?by=day", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        foreach (var feature in features)
        {
            (await feature()).IsSuccessStatusCode.ShouldBeTrue();
        }

        (await tenant.GetAsync("usage", Ct))["features"]!.AsArray().Select(feature => feature!.GetValue<string>())
            .ShouldBe(["api_access", "priority_support", "advanced_analytics", "white_label"]);
    }

    [Fact]
    public async Task What_a_smaller_plan_would_not_allow_any_more_stays_as_it_is()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        var domain = await tenant.ADomainAsync(Ct);
        (await tenant.Http.PatchAsJsonAsync($"domains/{domain.Id()}", new { TrackingHost = "go" }, Ct)).EnsureSuccessStatusCode();
        await tenant.ADomainAsync(Ct);

        await host.PutOnOwnPlanAsync(tenant, Ct, ("max_domains", 1));

        (await tenant.GetAsync($"domains/{domain.Id()}", Ct)).Text("trackingHost").ShouldBe("go");
        (await tenant.Http.PatchAsJsonAsync($"domains/{domain.Id()}", new { TrackingHost = "GO", MailHosting = "external" }, Ct)).EnsureSuccessStatusCode();
        (await tenant.UsageAsync("domains", Ct)).ShouldBe("2 of 1, 200 %");
    }

    [Fact]
    public async Task Storage_is_what_mail_of_all_days_takes_and_counted_again_is_the_same()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.QueryAsync(
            """
            INSERT INTO content.email_content (message_id, created, tenant_id, body, size)
            SELECT gen_random_uuid(), now(), $1, ''::bytea, 1000 FROM generate_series(1, 3)
            """, Ct, tenant.TenantId);
        await using var scope = host.Services.CreateAsyncScope();
        var count = scope.ServiceProvider.GetRequiredService<StorageCount>();

        await count.RunAsync(Ct);
        var first = await tenant.UsageAsync("storage", Ct);
        await count.RunAsync(Ct);

        first.ShouldBe("3000 of 5000000000, 0 %");
        (await tenant.UsageAsync("storage", Ct)).ShouldBe(first);
    }

    [Fact]
    public async Task Follow_ups_wait_while_the_storage_is_full()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantOnAsync(Ct, ("max_storage_gb", 1));
        var (first, second) = (await tenant.ATemplateAsync(Ct), await tenant.ATemplateAsync(Ct));
        var scene = await CampaignScene.DraftAsync(host, tenant, [await tenant.AMailboxAtAsync(sink, Ct)], await tenant.AListAsync(2, Ct), Ct,
            CampaignScene.Email(first), CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(second));
        await scene.LaunchAsync(Ct);
        await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT count(*) FROM campaign_leads WHERE campaign_id = $1 AND last_sent IS NOT NULL AND lease_owner IS NULL", Ct, scene.Id),
            rows => rows is ["2"], Ct);

        await FillAsync(tenant, "storage");
        await host.QueryAsync("UPDATE campaign_sequence_steps SET wait_until_date = now() WHERE campaign_id = $1 AND step_type = 'wait'", Ct, scene.Id);
        await host.QueryAsync("UPDATE campaign_leads SET next_run = now() WHERE campaign_id = $1", Ct, scene.Id);
        await host.QueryAsync("UPDATE campaigns SET next_dispatch = now() WHERE id = $1", Ct, scene.Id);

        await Given.EventuallyAsync(
            () => host.QueryAsync("SELECT count(*) FROM campaigns WHERE id = $1 AND waiting_for LIKE '%GB of mail%'", Ct, scene.Id), rows => rows is ["1"], Ct);
        sink.Taken.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Who_is_read_only_has_programs_that_read_and_are_told_why_they_cannot_write()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        using var program = host.Anonymous();
        program.DefaultRequestHeaders.Add("X-API-Key", (await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:write" } }, Ct)).Text("key"));

        await host.SetStatusAsync(tenant, "unpaid", Ct);

        (await program.GetAsync("leads", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await (await program.PostAsJsonAsync("leads", new { Email = "a@recipient.example" }, Ct)).ProblemAsync(HttpStatusCode.PaymentRequired, Ct);
    }

    [Fact]
    public async Task An_invitation_that_has_run_out_takes_its_seat_anew()
    {
        var tenant = await host.ATenantOnAsync(Ct, ("max_users", 2));
        var late = (await tenant.InviteAsync(1, Ct)).Single();
        await host.QueryAsync("UPDATE invitations SET expires = now() - interval '1 minute' WHERE id = $1", Ct, late);
        var other = (await tenant.InviteAsync(1, Ct)).Single();

        (await (await tenant.Http.PostAsJsonAsync($"invitations/{late}/resend", new { }, Ct)).RefusalAsync("users", Ct)).Fields().ShouldBe(["id"]);
        (await tenant.Http.DeleteAsync($"invitations/{other}", Ct)).EnsureSuccessStatusCode();
        (await tenant.Http.PostAsJsonAsync($"invitations/{late}/resend", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    /// <summary>Uses exactly one of it, or one GB.</summary>
    private async Task FillAsync(TenantClient tenant, string limit)
    {
        switch (limit)
        {
            case "users":
                break;
            case "warmups":
                var domain = await tenant.ADomainAsync(Ct);
                await tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a@{domain["domain"]}", Warmup = true }, Ct);
                break;
            case "domains" or "email_accounts":
                await tenant.AMailboxAsync(Ct);
                break;
            case "contacts":
                await tenant.AListAsync(1, Ct);
                break;
            case "campaigns_per_month":
                (await (await DraftAsync(tenant)).LaunchAsync(Ct)).Text("status").ShouldBe("sending");
                break;
            case "emails_per_month":
                await host.QueryAsync(
                    "INSERT INTO usage_counters (tenant_id, metric, period_start, used) VALUES ($1, 'emails', date_trunc('month', now() AT TIME ZONE 'UTC'), 1)",
                    Ct, tenant.TenantId);
                break;
            case "storage":
                await host.QueryAsync(
                    "INSERT INTO olap.storage_daily (tenant_id, day, sent_bytes, received_bytes) VALUES ($1, (now() AT TIME ZONE 'UTC')::date - 40, 600000000, 400000000)",
                    Ct, tenant.TenantId);
                break;
        }
    }

    private async Task<HttpResponseMessage> AddAsync(TenantClient tenant, string limit)
    {
        switch (limit)
        {
            case "users":
                return await tenant.Http.PostAsJsonAsync("invitations", new { Email = $"{Guid.CreateVersion7():N}@a.test", Roles = new[] { "member" } }, Ct);
            case "domains":
                return await tenant.Http.PostAsJsonAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, Ct);
            case "email_accounts" or "warmups":
                var domain = (await tenant.GetAsync("domains", Ct))["items"]![0]!;
                return await tenant.Http.PostAsJsonAsync(
                    "email-accounts", new { DomainId = domain.Id(), Email = $"b@{domain["domain"]}", Warmup = limit == "warmups" }, Ct);
            case "contacts":
                return await tenant.Http.PostAsJsonAsync("leads", new { Email = $"{Guid.CreateVersion7():N}@a.test" }, Ct);
            default:
                return await tenant.Http.PostAsJsonAsync($"campaigns/{(await DraftAsync(tenant)).Id}/launch", new { }, Ct);
        }
    }

    // Nothing of it is sent today.
    private async Task<CampaignScene> DraftAsync(TenantClient tenant) => await CampaignScene.DraftAsync(
        host, tenant, [await tenant.AMailboxAsync(Ct)], await tenant.AListAsync(1, Ct), Ct,
        CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(1)), CampaignScene.Email(await tenant.ATemplateAsync(Ct)));

    // The first on sale that allows two of it, or has it.
    private static async Task<string> CheapestAsync(TenantClient tenant, string column)
    {
        var field = string.Concat(column.Split('_').Select((word, index) => index == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
        return (await tenant.GetAsync("plans", Ct))["items"]!.AsArray()
            .First(plan => plan![field] is null || (plan[field]!.GetValueKind() == System.Text.Json.JsonValueKind.True)
                || (plan[field]!.GetValueKind() == System.Text.Json.JsonValueKind.Number && plan.Number(field) >= 2))!.Text("slug");
    }
}
