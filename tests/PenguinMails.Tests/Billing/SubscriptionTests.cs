using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing;
using PenguinMails.Billing.Jobs;

namespace PenguinMails.Tests.Billing;

/// <summary>A subscription's life over HTTP, with the local provider and its test cards.</summary>
public sealed class SubscriptionTests(HostFixture host, BillingStaff staff) : IClassFixture<BillingStaff>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_late_payment_has_a_week_and_then_nothing_is_sent_or_written_until_it_is_paid()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        (await StatusAsync(tenant)).ShouldBe("active");

        (await staff.PassAsync(tenant, 31, Ct)).Text("status").ShouldBe("active");
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "49.00 succeeded"]);

        await tenant.ChangeCardAsync(BillingGiven.DeclinedLater, Ct);
        (await tenant.PaymentsAsync(Ct)).Count.ShouldBe(2);
        (await staff.PassAsync(tenant, 31, Ct)).Text("status").ShouldBe("past_due");
        (await host.MaySendAsync(tenant, Ct)).ShouldBeTrue();
        (await WriteAsync(tenant)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await staff.PassAsync(tenant, 8, Ct)).Text("status").ShouldBe("unpaid");

        (await host.MaySendAsync(tenant, Ct)).ShouldBeFalse();
        (await (await WriteAsync(tenant)).ProblemAsync(HttpStatusCode.PaymentRequired, Ct)).Text("reason").ShouldBe("subscription_unpaid");
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tenant.Http.GetAsync("tenant-export", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tenant.Http.PatchAsJsonAsync("account", new { Name = "Somebody" }, Ct)).StatusCode.ShouldNotBe(HttpStatusCode.PaymentRequired);
        (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Select(item => item!.Text("title")).ShouldContain("The subscription is unpaid");

        await tenant.ChangeCardAsync(BillingGiven.Good, Ct);
        (await StatusAsync(tenant)).ShouldBe("active");
        (await host.MaySendAsync(tenant, Ct)).ShouldBeTrue();
        (await WriteAsync(tenant)).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "49.00 failed", "49.00 succeeded", "49.00 succeeded"]);
    }

    [Fact]
    public async Task A_canceled_one_runs_to_its_end_is_read_only_for_90_days_and_is_then_handed_over_to_be_purged()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        (await tenant.PostAsync("subscription/cancel", new { }, Ct))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeTrue();
        (await tenant.PostAsync("subscription/resume", new { }, Ct))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeFalse();
        await tenant.PostAsync("subscription/cancel", new { }, Ct);
        (await staff.PassAsync(tenant, 27, Ct)).Text("status").ShouldBe("active");
        (await staff.PassAsync(tenant, 4, Ct)).Text("status").ShouldBe("canceled");

        (await (await WriteAsync(tenant)).ProblemAsync(HttpStatusCode.PaymentRequired, Ct)).Text("reason").ShouldBe("subscription_canceled");
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded"]);

        await staff.PassAsync(tenant, 86, Ct);
        await RunAsync<HandOverCanceled>();
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await staff.PassAsync(tenant, 5, Ct);
        await RunAsync<HandOverCanceled>();
        (await tenant.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.QueryAsync("SELECT delete_after > now() FROM tenants WHERE id = $1", Ct, tenant.TenantId)).ShouldBe(["True"]);

        // Who is brought back is not handed over again.
        await host.QueryAsync("UPDATE tenants SET deleted = NULL, delete_after = NULL WHERE id = $1", Ct, tenant.TenantId);
        await RunAsync<HandOverCanceled>();
        (await host.QueryAsync("SELECT deleted IS NULL FROM tenants WHERE id = $1", Ct, tenant.TenantId)).ShouldBe(["True"]);
    }

    [Fact]
    public async Task Who_comes_back_has_a_new_one()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        var first = await tenant.GetAsync("subscription", Ct);
        await tenant.PostAsync("subscription/cancel", new { }, Ct);
        await staff.PassAsync(tenant, 31, Ct);

        foreach (var step in new[] { "cancel", "resume", "portal" })
        {
            (await tenant.Http.PostAsJsonAsync($"subscription/{step}", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict, step);
        }

        (await tenant.Http.PostAsJsonAsync("subscription/change", new { Plan = "business" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await tenant.BuyAsync("professional", Ct);
        var second = await tenant.GetAsync("subscription", Ct);
        (second.Text("status"), second["plan"]!.Text("slug")).ShouldBe(("active", "professional"));
        second.Id().ShouldNotBe(first.Id());
        (await WriteAsync(tenant)).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_tenant_that_is_deleted_pays_for_no_further_period()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        await tenant.PostAsync("tenant/deletion", new { Name = "Some Company", Given.Password }, Ct);
        await EndPeriodAsync(tenant);

        await RunAsync<AdvanceSubscriptions>();

        (await host.QueryAsync("SELECT status FROM subscriptions WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["canceled"]);
        (await host.QueryAsync("SELECT count(*) FROM payments WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["1"]);
    }

    [Fact]
    public async Task A_change_that_a_host_died_before_telling_is_told_later()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.SetStatusAsync(tenant, "unpaid", Ct);

        await RunAsync<AdvanceSubscriptions>();

        (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Select(item => item!.Text("title")).ShouldContain("The subscription is unpaid");
        (await host.QueryAsync("SELECT told_status FROM subscriptions WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["unpaid"]);
    }

    [Fact]
    public async Task Of_many_that_renew_at_once_one_charges()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        await EndPeriodAsync(tenant);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using var scope = host.ScopeOf(tenant.TenantId);
            try
            {
                await scope.ServiceProvider.GetRequiredService<SubscriptionTime>().AdvanceAsync(Ct);
            }
            catch (DbUpdateConcurrencyException)
            {
                // Another was first: nothing is charged here.
            }
        }));

        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "49.00 succeeded"]);
        (await tenant.GetAsync("subscription", Ct))["currentPeriodEnd"]!.GetValue<DateTimeOffset>().ShouldBeGreaterThan(TimeProvider.System.GetUtcNow().AddDays(27));
    }

    [Fact]
    public async Task Who_is_read_only_can_have_again_what_they_had_and_nothing_that_is_too_small()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("professional", Ct, BillingGiven.DeclinedLater);
        await tenant.InviteAsync(2, Ct);
        (await staff.PassAsync(tenant, 40, Ct)).Text("status").ShouldBe("unpaid");

        await TooSmallAsync();
        await tenant.BuyAsync("professional", Ct, BillingGiven.DeclinedLater);
        (await StatusAsync(tenant)).ShouldBe("active");
        await tenant.PostAsync("subscription/cancel", new { }, Ct);
        (await staff.PassAsync(tenant, 31, Ct)).Text("status").ShouldBe("canceled");
        await TooSmallAsync();
        await tenant.BuyAsync("professional", Ct);
        (await StatusAsync(tenant)).ShouldBe("active");

        async Task TooSmallAsync() => (await (await tenant.Http.PostAsJsonAsync("subscription/checkout", new { Plan = "starter" }, Ct))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["users"]);
    }

    [Fact]
    public async Task A_smaller_plan_that_does_not_fit_any_more_when_it_should_begin_does_not_begin()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("professional", Ct);
        await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct);
        await tenant.InviteAsync(2, Ct);

        var after = await staff.PassAsync(tenant, 31, Ct);

        (after["plan"]!.Text("slug"), after["pendingPlanId"]).ShouldBe(("professional", null));
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["149.00 succeeded", "149.00 succeeded"]);
        (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Single(item => item!.Text("title") == "The plan Professional stays")!
            .Text("message").ShouldContain("There are 3");
    }

    [Fact]
    public async Task What_is_paid_late_is_the_plan_that_was_to_begin()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("professional", Ct, BillingGiven.DeclinedLater);
        await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct);
        (await staff.PassAsync(tenant, 31, Ct)).Text("status").ShouldBe("past_due");

        await tenant.ChangeCardAsync(BillingGiven.Good, Ct);

        var after = await tenant.GetAsync("subscription", Ct);
        (after["plan"]!.Text("slug"), after["pendingPlanId"]).ShouldBe(("starter", null));
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "49.00 failed", "149.00 succeeded"]);
    }

    [Fact]
    public async Task A_checkout_is_good_until_there_is_a_newer_one_and_changes_no_plan_that_is_paid_for()
    {
        var tenant = await host.ATenantAsync(Ct);
        var (older, newer) = (await tenant.CheckoutAsync("starter", Ct), await tenant.CheckoutAsync("professional", Ct));
        (await tenant.ConfirmAsync(older, BillingGiven.Good, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.ConfirmAsync(newer, BillingGiven.Good, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var portal = (await tenant.PostAsync("subscription/portal", new { }, Ct)).Text("url")["/api/v1/".Length..];
        await tenant.PostAsync("subscription/change", new { Plan = "business" }, Ct);
        (await tenant.ConfirmAsync(portal, BillingGiven.Good, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.GetAsync("subscription", Ct))["plan"]!.Text("slug").ShouldBe("business");
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["250.00 succeeded", "149.00 succeeded"]);
    }

    [Fact]
    public async Task What_is_illegal_in_a_state_is_refused_and_changes_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        await RefusedAsync(tenant, "new", ("portal", new { }), ("change", new { Plan = "business" }), ("resume", new { }), ("addons", new { Type = "extra_users" }));

        await tenant.BuyAsync("starter", Ct, BillingGiven.DeclinedLater);
        await RefusedAsync(tenant, "active", ("checkout", new { Plan = "business" }), ("change", new { Plan = "starter" }), ("resume", new { }));

        await staff.PassAsync(tenant, 31, Ct);
        await RefusedAsync(tenant, "past_due", ("change", new { Plan = "business" }), ("addons", new { Type = "extra_users" }), ("resume", new { }));

        await staff.PassAsync(tenant, 8, Ct);
        await RefusedAsync(tenant, "unpaid", ("change", new { Plan = "business" }), ("addons", new { Type = "extra_users" }), ("resume", new { }));

        (await tenant.PostAsync("subscription/cancel", new { }, Ct)).Text("status").ShouldBe("canceled");
        await RefusedAsync(
            tenant, "canceled", ("cancel", new { }), ("resume", new { }), ("portal", new { }), ("change", new { Plan = "business" }), ("addons", new { Type = "extra_users" }));
    }

    [Fact]
    public async Task What_is_to_end_with_its_period_is_changed_all_the_same_and_ends()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        var addon = (await tenant.PostAsync("subscription/addons", new { Type = "extra_users" }, Ct)).Text("id");
        await tenant.PostAsync("subscription/cancel", new { }, Ct);
        await RefusedAsync(tenant, "to end", ("cancel", new { }), ("checkout", new { Plan = "business" }));

        var larger = await tenant.PostAsync("subscription/change", new { Plan = "professional" }, Ct);
        (larger["plan"]!.Text("slug"), larger["cancelAtPeriodEnd"]!.GetValue<bool>()).ShouldBe(("professional", true));
        (await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct))["pendingPlanId"].ShouldNotBeNull();
        (await staff.PassAsync(tenant, 31, Ct)).Text("status").ShouldBe("canceled");

        (await tenant.PaymentsAsync(Ct)).Count.ShouldBe(3, "Nothing is paid for after the end.");
        (await tenant.Http.PatchAsJsonAsync($"subscription/addons/{addon}", new { Quantity = 2 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.Http.DeleteAsync($"subscription/addons/{addon}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task What_is_late_can_be_canceled_and_ends_with_the_next_look()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct, BillingGiven.DeclinedLater);
        (await staff.PassAsync(tenant, 31, Ct)).Text("status").ShouldBe("past_due");

        var canceled = await tenant.PostAsync("subscription/cancel", new { }, Ct);
        (canceled.Text("status"), canceled["cancelAtPeriodEnd"]!.GetValue<bool>()).ShouldBe(("past_due", true));
        (await staff.PassAsync(tenant, 1, Ct)).Text("status").ShouldBe("canceled");

        (await tenant.Http.PostAsJsonAsync("staff/billing/clock", new { tenant.TenantId, Days = 1 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task What_would_raise_no_limit_is_not_sold()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("business", Ct);

        (await (await tenant.Http.PostAsJsonAsync("subscription/addons", new { Type = "extra_domains", Quantity = 10 }, Ct))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["type"]);

        (await tenant.PaymentsAsync(Ct)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_card_does_what_it_is_for()
    {
        var tenant = await host.ATenantAsync(Ct);
        var url = await tenant.CheckoutAsync("starter", Ct);

        (await (await tenant.ConfirmAsync(url, BillingGiven.Declined, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["cardNumber"]);
        (await (await tenant.ConfirmAsync(url, "4111111111111111", Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["cardNumber"]);
        (await (await tenant.ConfirmAsync(url, BillingGiven.NeedsAction, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["confirmed"]);
        (await tenant.PaymentsAsync(Ct)).ShouldBeEmpty();
        (await tenant.ConfirmAsync(url, BillingGiven.NeedsAction, Ct, confirmed: true)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded"]);
        (await tenant.ConfirmAsync(url, BillingGiven.Good, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task An_upgrade_is_at_once_and_pays_for_the_rest_of_the_period()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);

        (await tenant.PostAsync("subscription/change", new { Plan = "professional" }, Ct))["plan"]!.Text("slug").ShouldBe("professional");
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["100.00 succeeded", "49.00 succeeded"]);
        await staff.PassAsync(tenant, 14, Ct);
        (await tenant.PostAsync("subscription/change", new { Plan = "business" }, Ct))["plan"]!.Text("slug").ShouldBe("business");
        var paid = (await tenant.GetAsync("payments", Ct))["items"]![0]!["amount"]!.GetValue<decimal>();
        paid.ShouldBeInRange(120m, 140m, "250 for a month, of which a half is left");
        (await tenant.PostAsync("subscription/change", new { Plan = "business", Interval = "year" }, Ct)).Text("interval").ShouldBe("year");

        await tenant.ChangeCardAsync(BillingGiven.DeclinedLater, Ct);
        (await tenant.PostAsync("subscription/change", new { Plan = "professional" }, Ct))["pendingPlanId"].ShouldNotBeNull();
        (await (await tenant.Http.PostAsJsonAsync("subscription/change", new { Plan = "professional", Interval = "month" }, Ct))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["interval"]);
    }

    [Fact]
    public async Task A_downgrade_waits_for_the_period_and_is_refused_where_usage_does_not_fit()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("professional", Ct);
        var invitations = await tenant.InviteAsync(2, Ct);

        var refusal = await (await tenant.Http.PostAsJsonAsync("subscription/change", new { Plan = "starter" }, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);
        refusal.Fields().ShouldBe(["users"]);
        refusal["errors"]!["users"]![0]!.GetValue<string>().ShouldContain("2 users");
        refusal["errors"]!["users"]![0]!.GetValue<string>().ShouldContain("There are 3");

        (await tenant.Http.DeleteAsync($"invitations/{invitations[0]}", Ct)).IsSuccessStatusCode.ShouldBeTrue();
        var pending = await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct);
        (pending["plan"]!.Text("slug"), pending["pendingPlanId"] is null).ShouldBe(("professional", false));
        // The current plan takes it back.
        (await tenant.PostAsync("subscription/change", new { Plan = "professional" }, Ct))["pendingPlanId"].ShouldBeNull();
        await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct);

        var after = await staff.PassAsync(tenant, 31, Ct);
        (after["plan"]!.Text("slug"), after["pendingPlanId"]).ShouldBe(("starter", null));
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "149.00 succeeded"]);
    }

    [Fact]
    public async Task Addons_are_paid_by_the_rest_of_the_period_renewed_with_it_and_kept_while_needed()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);

        var addon = await tenant.PostAsync("subscription/addons", new { Type = "extra_users", Quantity = 2 }, Ct);
        (await tenant.PaymentsAsync(Ct))[0].ShouldBe("18.00 succeeded");
        (await tenant.Http.PostAsJsonAsync("subscription/addons", new { Type = "extra_users" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await tenant.InviteAsync(2, Ct);

        var path = $"subscription/addons/{addon["id"]}";
        (await (await tenant.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["users"]);
        (await (await tenant.Http.PatchAsJsonAsync(path, new { Quantity = 1 }, Ct)).ReadAsync(Ct)).Number("quantity").ShouldBe(1);
        await staff.PassAsync(tenant, 31, Ct);
        (await tenant.PaymentsAsync(Ct))[0].ShouldBe("58.00 succeeded");
        (await tenant.GetAsync("subscription/addons", Ct))["items"]!.AsArray().Single()!.Text("type").ShouldBe("extra_users");
    }

    [Fact]
    public async Task Emails_that_were_used_are_not_handed_back()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        var path = $"subscription/addons/{(await tenant.PostAsync("subscription/addons", new { Type = "extra_emails", Quantity = 2 }, Ct))["id"]}";
        await host.QueryAsync("INSERT INTO usage_counters (tenant_id, metric, period_start, used) VALUES ($1, 'emails', date_trunc('month', now() AT TIME ZONE 'UTC'), 15000)", Ct, tenant.TenantId);

        (await (await tenant.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["emailsPerMonth"]);
        (await (await tenant.Http.PatchAsJsonAsync(path, new { Quantity = 1 }, Ct)).ReadAsync(Ct)).Number("quantity").ShouldBe(1);
    }

    [Fact]
    public async Task Dedicated_addresses_are_asked_of_staff()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);

        var addon = await tenant.PostAsync("subscription/addons", new { Type = "dedicated_ip" }, Ct);
        (await AskedAsync()).ShouldHaveSingleItem().ShouldContain("pays for 1");
        (await tenant.Http.DeleteAsync($"subscription/addons/{addon["id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await AskedAsync()).ShouldHaveSingleItem().ShouldContain("pays for 0");

        Task<IReadOnlyList<string>> AskedAsync() =>
            host.QueryAsync("SELECT message FROM system_notifications WHERE dedup_key = $1 AND NOT is_resolved", Ct, $"dedicated_ip:{tenant.TenantId}:-");
    }

    private Task EndPeriodAsync(TenantClient tenant) => host.QueryAsync(
        "UPDATE subscriptions SET current_period_start = now() - interval '31 days', current_period_end = now() - interval '1 second' WHERE tenant_id = $1", Ct, tenant.TenantId);

    private async Task RefusedAsync(TenantClient tenant, string state, params (string Step, object Body)[] steps)
    {
        var before = (await tenant.GetAsync("subscription", Ct)).ToJsonString();
        foreach (var (step, body) in steps)
        {
            await (await tenant.Http.PostAsJsonAsync($"subscription/{step}", body, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        }

        (await tenant.GetAsync("subscription", Ct)).ToJsonString().ShouldBe(before, state);
    }

    private static Task<HttpResponseMessage> WriteAsync(TenantClient tenant) =>
        tenant.Http.PostAsJsonAsync("tags", new { Value = $"t{Guid.CreateVersion7():N}" }, Ct);

    private static async Task<string> StatusAsync(TenantClient tenant) => (await tenant.GetAsync("subscription", Ct)).Text("status");

    private async Task RunAsync<T>() where T : PenguinMails.Shared.Jobs.IRecurringJob
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<T>().RunAsync(Ct);
    }
}
