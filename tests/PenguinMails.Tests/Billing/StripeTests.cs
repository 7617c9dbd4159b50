using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Jobs;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tests.Processes;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Billing;

/// <summary>A host with a Stripe of ours, over a database of its own, and the modules over the same to run jobs in.</summary>
public sealed class HostWithStripe(HostFixture host) : IAsyncLifetime
{
    private readonly ScratchDatabase _database = new(host);
    private HostProcess? _process;

    internal FakeStripe Stripe { get; private set; } = null!;

    internal BillingPlatform Platform { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Stripe = await FakeStripe.StartAsync(CancellationToken.None);
        await _database.CopyAsync(CancellationToken.None);
        (string Key, string Value)[] settings =
        [
            ("Billing:Stripe:ApiKey", FakeStripe.Key), ("Billing:Stripe:WebhookSecret", FakeStripe.Secret), ("Billing:Stripe:ApiBase", Stripe.Url.ToString()),
            ("Billing:Stripe:AutomaticTax", "true"),
            ("Billing:Addons:ExtraUsers:StripePrice", "price_users"), ("Billing:Addons:ExtraUsers:StripePriceYearly", "price_users_year"),
            ("Billing:Addons:ExtraEmails:StripePrice", "price_emails"),
        ];
        Platform = BillingPlatform.Over(host, _database, settings);
        Platform.Clock.Now = Stripe.Now;
        await Platform.RowsAsync("UPDATE plans SET api_rate_limit = 1000000, stripe_price_monthly = 'price_' || slug, stripe_price_yearly = 'price_' || slug || '_year'", CancellationToken.None);
        _process = await HostProcess.BesideAsync(
            host, CancellationToken.None,
            [.. _database.HostOptions, "--Jobs:PollMilliseconds=100", "--Billing:DefaultPlan=starter", .. settings.Select(setting => $"--{setting.Key}={setting.Value}")]);
        Http = new HttpClient { BaseAddress = new Uri(_process.Url) };
    }

    public async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        await Platform.DisposeAsync();
        await _database.DisposeAsync();
        await Stripe.DisposeAsync();
        Http.Dispose();
    }

    internal Task<TenantClient> ATenantAsync(CancellationToken ct) =>
        new HttpClient { BaseAddress = new Uri($"{_process!.Url}/api/v1/") }.SignUpAsync(address => host.CodeAsync(address, ct), ct);

    /// <summary>One of this host's staff, with two factors.</summary>
    internal async Task<TenantClient> AStaffMemberAsync(CancellationToken ct)
    {
        var person = await ATenantAsync(ct);
        await person.WithTwoFactorsAsync(ct);
        await Platform.RowsAsync("INSERT INTO staff_members (user_id, role_id) VALUES ($1, 1)", ct, person.UserId);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(person.UserId), ct);
        return person;
    }

    /// <summary>Delivers a body as Stripe does.</summary>
    internal async Task<HttpStatusCode> DeliverAsync(string body, CancellationToken ct, string? signature = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/stripe") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Stripe-Signature", signature ?? FakeStripe.Sign(body, TimeProvider.System.GetUtcNow()));
        using var answer = await Http.SendAsync(request, ct);
        return answer.StatusCode;
    }

    /// <summary>Waits until each event that has come was applied, or has failed once.</summary>
    internal Task SettledAsync(CancellationToken ct) => Given.EventuallyAsync(
        () => Platform.RowsAsync("SELECT count(*) FROM stripe_events WHERE processed IS NULL AND attempts = 0", ct), rows => rows is ["0"], ct);
}

/// <summary>Subscriptions that follow Stripe.</summary>
public sealed class StripeTests(HostWithStripe world) : IClassFixture<HostWithStripe>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_Stripe_has_not_signed_is_refused_and_recorded()
    {
        const string Body = """{"id":"evt_forged","object":"event","type":"invoice.paid","created":1}""";
        var now = TimeProvider.System.GetUtcNow();

        (await world.DeliverAsync(Body, Ct, FakeStripe.Sign(Body, now, "whsec_other"))).ShouldBe(HttpStatusCode.BadRequest);
        (await world.DeliverAsync(Body, Ct, FakeStripe.Sign(Body, now.AddMinutes(-6)))).ShouldBe(HttpStatusCode.BadRequest);
        (await world.DeliverAsync(Body + " ", Ct, FakeStripe.Sign(Body, now))).ShouldBe(HttpStatusCode.BadRequest);
        (await world.DeliverAsync(Body, Ct, "nonsense")).ShouldBe(HttpStatusCode.BadRequest);
        (await world.Http.PostAsync("/webhooks/stripe", new StringContent(Body), Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        (await world.Platform.RowsAsync("SELECT count(*) FROM security_events WHERE event_type = 'webhook_signature_invalid'", Ct)).ShouldBe(["5"]);
        (await world.Platform.RowsAsync("SELECT count(*) FROM stripe_events WHERE id = 'evt_forged'", Ct)).ShouldBe(["0"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Each_event_three_times_in_any_order_and_a_fifth_lost_ends_where_Stripe_stands(int seed)
    {
        var random = new Random(seed);
        var customers = new List<string>();
        for (var number = 0; number < 6; number++)
        {
            customers.Add($"cus_{Guid.CreateVersion7():N}");
            await world.Platform.ATenantAsync(Ct, customers[^1]);
        }

        var first = world.Stripe.Events.Count;
        for (var step = 0; step < 150; step++)
        {
            Happen(random, customers[random.Next(customers.Count)]);
        }

        var events = world.Stripe.Events.Skip(first).ToList();
        var delivered = events.Where(_ => random.NextDouble() > 0.2).SelectMany(told => Enumerable.Repeat(told, 3)).ToArray();
        random.Shuffle(delivered);
        events.Count.ShouldBeGreaterThan(150);
        await Parallel.ForEachAsync(delivered, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Ct }, async (told, ct) =>
            (await world.DeliverAsync(told.Body, ct)).ShouldBe(HttpStatusCode.OK));
        await world.SettledAsync(Ct);
        var ids = delivered.Select(told => told.Id).Distinct().ToArray();
        (await world.Platform.RowsAsync("SELECT count(*) FROM stripe_events WHERE id = ANY ($1)", Ct, (object)ids)).ShouldBe([$"{ids.Length}"]);

        await world.Platform.RunAsync<ReconcileStripe>(Ct);

        await AsStripeAsync(customers);
        // Nothing changes by what comes late, nor by a second look.
        foreach (var told in events)
        {
            (await world.DeliverAsync(told.Body, Ct)).ShouldBe(HttpStatusCode.OK);
        }

        await world.SettledAsync(Ct);
        await world.Platform.RunAsync<ReconcileStripe>(Ct);
        await AsStripeAsync(customers);
    }

    [Fact]
    public async Task Checkout_portal_changes_and_refunds_go_to_Stripe_and_its_events_come_back()
    {
        var tenant = await world.ATenantAsync(Ct);
        (await tenant.PostAsync("subscription/checkout", new { Plan = "starter" }, Ct)).Text("url").ShouldStartWith("https://checkout.stripe.test/");
        var customer = (await world.Platform.RowsAsync("SELECT stripe_customer_id FROM tenant_config WHERE tenant_id = $1", Ct, tenant.TenantId)).Single();
        customer.ShouldStartWith("cus_");
        world.Stripe.Requests.ShouldContain(request => request.Contains($"customer={customer}") && request.Contains("automatic_tax[enabled]=true"));
        var (first, subscription) = (world.Stripe.Events.Count, world.Stripe.Subscribe(customer, "price_starter"));
        await DeliverFromAsync(first);

        var known = await StatusAsync(tenant, "active");
        known["currentPeriodEnd"]!.GetValue<DateTimeOffset>().ShouldBe(subscription.PeriodEnd);
        (await tenant.Http.PostAsJsonAsync("subscription/checkout", new { Plan = "business" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tenant.PostAsync("subscription/portal", new { }, Ct)).Text("url").ShouldStartWith("https://billing.stripe.test/");
        (await tenant.PostAsync("subscription/change", new { Plan = "professional" }, Ct))["plan"]!.Text("slug").ShouldBe("professional");
        world.Stripe.Requests.ShouldContain(request => request.Contains("items[0][price]=price_professional") && request.Contains("proration_behavior=always_invoice"));
        (await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct))["pendingPlanId"].ShouldNotBeNull();
        (await tenant.PostAsync("subscription/cancel", new { }, Ct))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeTrue();
        world.Stripe.Subscriptions[subscription.Id].CancelAtPeriodEnd.ShouldBeTrue();
        await tenant.PostAsync("subscription/resume", new { }, Ct);
        await DeliverFromAsync(first);
        (await tenant.GetAsync("subscription", Ct))["plan"]!.Text("slug").ShouldBe("professional", "The smaller one begins with the next period.");

        var payment = (await tenant.GetAsync("payments", Ct))["items"]!.AsArray().Single()!;
        (payment["amount"]!.GetValue<decimal>(), payment.Text("receiptUrl")[.."https://invoice.stripe.test/".Length]).ShouldBe((49m, "https://invoice.stripe.test/"));

        // A renewal that is not paid, and then is.
        await HappensAsync(() => world.Stripe.Renew(world.Stripe.Subscriptions[subscription.Id], paid: false));
        (await StatusAsync(tenant, "past_due"))["plan"]!.Text("slug").ShouldBe("starter");
        await HappensAsync(() => world.Stripe.Set(world.Stripe.Subscriptions[subscription.Id] with { Status = "unpaid" }));
        await StatusAsync(tenant, "unpaid");
        (await tenant.Http.PostAsJsonAsync("tags", new { Value = "t" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.PaymentRequired);
        await HappensAsync(() => world.Stripe.PayOpen(world.Stripe.Subscriptions[subscription.Id]));
        await StatusAsync(tenant, "active");
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "49.00 succeeded"]);
    }

    [Fact]
    public async Task Nobody_is_led_to_pay_twice()
    {
        var (tenant, customer) = await ACustomerAsync();
        await tenant.PostAsync("subscription/checkout", new { Plan = "business" }, Ct);
        world.Stripe.Checkouts.Values.Where(row => row.Customer == customer).Select(row => row.Status).Order().ShouldBe(["expired", "open"]);

        // Paid for, and not heard of yet.
        var first = world.Stripe.Events.Count;
        world.Stripe.Subscribe(customer, "price_business");
        (await (await tenant.Http.PostAsJsonAsync("subscription/checkout", new { Plan = "starter" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct))
            .Text("title").ShouldContain("at Stripe already");
        await DeliverFromAsync(first);
        (await StatusAsync(tenant, "active"))["plan"]!.Text("slug").ShouldBe("business");
    }

    [Fact]
    public async Task Two_subscriptions_of_a_customer_are_told_to_staff_and_keep_nobody_elses_from_being_repaired()
    {
        var (tenant, customer) = await ACustomerAsync();
        var (other, otherCustomer) = await ACustomerAsync();
        var first = world.Stripe.Events.Count;
        var known = world.Stripe.Subscribe(customer, "price_starter");
        world.Stripe.Now = world.Stripe.Now.AddSeconds(1);
        var second = world.Stripe.Subscribe(customer, "price_business");
        await DeliverFromAsync(first);
        world.Stripe.Now = world.Stripe.Now.AddSeconds(1);
        world.Stripe.Subscribe(otherCustomer, "price_starter");

        await world.Platform.RunAsync<ReconcileStripe>(Ct);

        (await LiveAsync()).ShouldBe([known.Id]);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded", "49.00 succeeded"], "Both were paid: staff pay one back.");
        (await other.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded"]);
        (await world.Platform.RowsAsync("SELECT severity FROM system_notifications WHERE dedup_key = $1 AND NOT is_resolved", Ct, $"stripe_twice:{customer}:-")).ShouldBe(["critical"]);

        // The one that is known ends, of which nobody tells: the other takes its place.
        world.Stripe.Subscriptions[known.Id] = known with { Status = "canceled" };
        await HappensAsync(() => world.Stripe.Set(second));
        (await LiveAsync()).ShouldBe([second.Id]);

        Task<IReadOnlyList<string>> LiveAsync() => world.Platform.RowsAsync("SELECT stripe_subscription_id FROM subscriptions WHERE tenant_id = $1 AND status <> 'canceled'", Ct, tenant.TenantId);
    }

    [Fact]
    public async Task Events_that_come_before_our_own_answer_change_nothing_of_it()
    {
        var (tenant, subscription) = await ASubscriberAsync("professional");

        await BeforeTheAnswerAsync(async () => (await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct))["pendingPlanId"].ShouldNotBeNull());
        (await PlanAsync()).ShouldBe(("professional", true));
        await BeforeTheAnswerAsync(() => tenant.PostAsync("subscription/change", new { Plan = "professional" }, Ct));
        (await PlanAsync()).ShouldBe(("professional", false));
        await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct);
        await BeforeTheAnswerAsync(() => tenant.PostAsync("subscription/change", new { Plan = "professional", Interval = "year" }, Ct));
        (await PlanAsync()).ShouldBe(("professional", false), "A year was bought, not the smaller plan.");
        await BeforeTheAnswerAsync(async () => (await tenant.PostAsync("subscription/change", new { Plan = "business" }, Ct))["plan"]!.Text("slug").ShouldBe("business"));
        await BeforeTheAnswerAsync(async () => (await tenant.PostAsync("subscription/addons", new { Type = "extra_users", Quantity = 2 }, Ct)).Number("quantity").ShouldBe(2));
        var addon = (await tenant.GetAsync("subscription/addons", Ct))["items"]!.AsArray().Single()!.Text("id");
        await BeforeTheAnswerAsync(async () => (await (await tenant.Http.PatchAsJsonAsync($"subscription/addons/{addon}", new { Quantity = 3 }, Ct)).ReadAsync(Ct)).Number("quantity").ShouldBe(3));
        await BeforeTheAnswerAsync(() => tenant.PostAsync("subscription/cancel", new { }, Ct));
        world.Stripe.Subscriptions[subscription.Id].CancelAtPeriodEnd.ShouldBeTrue();

        async Task<(string, bool)> PlanAsync()
        {
            var found = await tenant.GetAsync("subscription", Ct);
            return (found["plan"]!.Text("slug"), found["pendingPlanId"] is not null);
        }
    }

    [Fact]
    public async Task What_we_changed_at_Stripe_stands_against_its_events_from_before()
    {
        var (larger, _) = await ASubscriberAsync("business");
        var first = world.Stripe.Events.Count;
        foreach (var plan in new[] { "professional", "starter" })
        {
            world.Stripe.Now = world.Stripe.Now.AddSeconds(2);
            await larger.PostAsync("subscription/change", new { Plan = plan }, Ct);
        }

        await DeliverFromAsync(first);
        var found = await larger.GetAsync("subscription", Ct);
        (found["plan"]!.Text("slug"), found["pendingPlanId"] is null).ShouldBe(("business", false), "It is paid for to the period's end.");

        var (smaller, subscription) = await ASubscriberAsync("starter");
        first = world.Stripe.Events.Count;
        world.Stripe.Set(subscription);
        world.Stripe.Now = world.Stripe.Now.AddSeconds(2);
        await smaller.PostAsync("subscription/change", new { Plan = "professional" }, Ct);
        await smaller.PostAsync("subscription/addons", new { Type = "extra_users" }, Ct);

        (await world.DeliverAsync(world.Stripe.Events[first].Body, Ct)).ShouldBe(HttpStatusCode.OK);
        await world.SettledAsync(Ct);
        (await smaller.GetAsync("subscription", Ct))["plan"]!.Text("slug").ShouldBe("professional");
        (await smaller.GetAsync("subscription/addons", Ct))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_tenant_that_is_deleted_while_it_owes_is_charged_no_more()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");
        await HappensAsync(() => world.Stripe.Renew(subscription, paid: false));
        await StatusAsync(tenant, "past_due");
        await tenant.PostAsync("tenant/deletion", new { Name = "Some Company", Given.Password }, Ct);

        await world.Platform.RunAsync<AdvanceSubscriptions>(Ct);

        world.Stripe.Subscriptions[subscription.Id].Status.ShouldBe("canceled");
        (await world.Platform.RowsAsync("SELECT status FROM subscriptions WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["canceled"]);
    }

    [Fact]
    public async Task An_event_of_another_version_is_asked_for_as_it_stands()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");
        world.Stripe.ApiVersion = "2020-08-27";
        await HappensAsync(() =>
        {
            world.Stripe.Set(subscription with { Status = "unpaid" });
            world.Stripe.Subscriptions[subscription.Id] = subscription with { CancelAtPeriodEnd = true };
        });
        world.Stripe.ApiVersion = Stripe.StripeConfiguration.ApiVersion;

        var found = await tenant.GetAsync("subscription", Ct);
        (found.Text("status"), found["cancelAtPeriodEnd"]!.GetValue<bool>()).ShouldBe(("active", true));
    }

    [Fact]
    public async Task A_currency_without_cents_is_paid_and_paid_back_in_whole_units()
    {
        var (tenant, customer) = await ACustomerAsync();
        var first = world.Stripe.Events.Count;
        world.Stripe.Subscribe(customer, "price_starter", "jpy");
        await DeliverFromAsync(first);
        await StatusAsync(tenant, "active");

        var payment = (await tenant.GetAsync("payments", Ct))["items"]!.AsArray().Single()!;
        (payment["amount"]!.GetValue<decimal>(), payment.Text("currency")).ShouldBe((4900m, "JPY"));
        var staff = await world.AStaffMemberAsync(Ct);
        var path = $"staff/payments/{payment.Id()}/refund";
        (await (await staff.Http.PostAsJsonAsync(path, new { Amount = 0.5m, RefundedAmount = 0, Reason = "Goodwill" }, Ct))
            .ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["amount"]);
        await staff.PostAsync(path, new { Amount = 900, RefundedAmount = 0, Reason = "Goodwill" }, Ct);
        world.Stripe.Requests.ShouldContain(request => request.StartsWith("POST /v1/refunds", StringComparison.Ordinal) && request.Contains("amount=900 "));
        (await staff.Http.PostAsJsonAsync("staff/billing/clock", new { tenant.TenantId, Days = 1 }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict, "Stripe's time is its own.");
    }

    [Fact]
    public async Task What_Stripe_refuses_is_told_and_changes_nothing()
    {
        var (tenant, _) = await ASubscriberAsync("professional");
        var before = (await tenant.GetAsync("subscription", Ct)).ToJsonString();

        world.Stripe.Refusal = (402, "card_error", "Your card was declined.");
        (await RefusedAsync("subscription/change", new { Plan = "business" }, HttpStatusCode.UnprocessableEntity)).ShouldBe("Your card was declined.");
        world.Stripe.Refusal = (400, "invalid_request_error", "No such price.");
        (await RefusedAsync("subscription/change", new { Plan = "starter" }, HttpStatusCode.UnprocessableEntity)).ShouldBe("No such price.");
        world.Stripe.Refusal = (404, "invalid_request_error", "No such subscription.");
        (await RefusedAsync("subscription/cancel", new { }, HttpStatusCode.Conflict)).ShouldBe("No such subscription.");
        world.Stripe.Refusal = (400, "invalid_request_error", "No such customer.");
        (await RefusedAsync("subscription/portal", new { }, HttpStatusCode.Conflict)).ShouldBe("No such customer.");

        (await tenant.GetAsync("subscription", Ct)).ToJsonString().ShouldBe(before);

        async Task<string> RefusedAsync(string path, object body, HttpStatusCode status) =>
            (await (await tenant.Http.PostAsJsonAsync(path, body, Ct)).ProblemAsync(status, Ct)).Text("title");
    }

    [Fact]
    public async Task A_smaller_plan_that_does_not_fit_any_more_is_taken_back_at_Stripe_before_it_begins()
    {
        var (tenant, subscription) = await ASubscriberAsync("professional");
        world.Platform.Clock.Now = TimeProvider.System.GetUtcNow();
        await HappensAsync(() => world.Stripe.Set(
            subscription with { PeriodStart = world.Platform.Clock.Now.AddDays(-30), PeriodEnd = world.Platform.Clock.Now.AddMinutes(30) }));
        await tenant.PostAsync("subscription/change", new { Plan = "starter" }, Ct);
        world.Stripe.Subscriptions[subscription.Id].Price.ShouldBe("price_starter");
        await world.Platform.RunAsync<AdvanceSubscriptions>(Ct);
        (await tenant.GetAsync("subscription", Ct))["pendingPlanId"].ShouldNotBeNull("It fits.");
        world.Stripe.Requests.Count(request => request.StartsWith($"POST /v1/subscriptions/{subscription.Id} ", StringComparison.Ordinal) && request.Contains("[price]=price_starter"))
            .ShouldBe(2, "Stripe may not have heard of it.");
        await tenant.InviteAsync(2, Ct);

        await world.Platform.RunAsync<AdvanceSubscriptions>(Ct);

        world.Stripe.Subscriptions[subscription.Id].Price.ShouldBe("price_professional");
        (await tenant.GetAsync("subscription", Ct))["pendingPlanId"].ShouldBeNull();
        var notice = (await tenant.GetAsync("notifications", Ct))["items"]!.AsArray().Single(item => item!.Text("title") == "The plan Professional stays")!;
        notice.Text("message").ShouldContain("There are 3");
    }

    [Fact]
    public async Task Add_ons_go_by_the_interval_of_the_plan_or_keep_it_and_emails_are_not_credited()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");
        var users = await tenant.PostAsync("subscription/addons", new { Type = "extra_users", Quantity = 2 }, Ct);
        var emails = (await tenant.PostAsync("subscription/addons", new { Type = "extra_emails", Quantity = 2 }, Ct)).Text("id");
        var refused = await tenant.Http.PostAsJsonAsync("subscription/change", new { Plan = "starter", Interval = "year" }, Ct);
        (await refused.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Text("title").ShouldContain("An add-on is not sold by that interval");

        await tenant.Http.PatchAsJsonAsync($"subscription/addons/{emails}", new { Quantity = 1 }, Ct);
        (await tenant.Http.DeleteAsync($"subscription/addons/{emails}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        world.Stripe.Requests.Count(request => request.Contains(emails) && request.Contains("proration_behavior=none")).ShouldBe(2);
        await tenant.PostAsync("subscription/change", new { Plan = "starter", Interval = "year" }, Ct);

        world.Stripe.Subscriptions[subscription.Id].Price.ShouldBe("price_starter_year");
        world.Stripe.Items[users.Text("id")].Price.ShouldBe("price_users_year");
    }

    [Fact]
    public async Task What_is_unpaid_can_be_ended_at_once_and_begun_anew()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");
        await tenant.PostAsync("subscription/addons", new { Type = "extra_users", Quantity = 2 }, Ct);
        await HappensAsync(() => world.Stripe.Set(world.Stripe.Subscriptions[subscription.Id] with { Status = "unpaid" }));
        await StatusAsync(tenant, "unpaid");
        var first = world.Stripe.Events.Count;

        (await tenant.PostAsync("subscription/cancel", new { }, Ct)).Text("status").ShouldBe("canceled");

        world.Stripe.Subscriptions[subscription.Id].Status.ShouldBe("canceled");
        world.Stripe.Now = world.Stripe.Now.AddSeconds(1);
        await DeliverFromAsync(first);
        await world.Platform.RunAsync<ReconcileStripe>(Ct);
        (await world.Platform.RowsAsync("SELECT count(*) FROM subscription_addons WHERE tenant_id = $1 AND is_active", Ct, tenant.TenantId)).ShouldBe(["0"]);
        await tenant.PostAsync("subscription/checkout", new { Plan = "business" }, Ct);
    }

    [Fact]
    public async Task A_cancellation_on_Stripes_own_pages_is_seen_and_taken_back()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");
        await HappensAsync(() => world.Stripe.Set(subscription with { CancelAt = subscription.PeriodEnd }));
        await Given.EventuallyAsync(() => tenant.GetAsync("subscription", Ct), found => found["cancelAtPeriodEnd"]!.GetValue<bool>(), Ct);

        (await tenant.PostAsync("subscription/resume", new { }, Ct))["cancelAtPeriodEnd"]!.GetValue<bool>().ShouldBeFalse();

        world.Stripe.Subscriptions[subscription.Id].CancelAt.ShouldBeNull();
    }

    [Fact]
    public async Task Addons_are_items_at_Stripe_and_a_refund_has_one_key_however_often_it_is_asked_for()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");

        var addon = await tenant.PostAsync("subscription/addons", new { Type = "extra_users", Quantity = 2 }, Ct);
        world.Stripe.Items[addon.Text("id")].ShouldBe(new FakeStripe.Item(addon.Text("id"), subscription.Id, "price_users", 2));
        (await tenant.Http.PostAsJsonAsync("subscription/addons", new { Type = "dedicated_ip" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, "It has no price there.");
        // Changed at Stripe by somebody else: the events say so.
        world.Stripe.Items[addon.Text("id")] = world.Stripe.Items[addon.Text("id")] with { Quantity = 5 };
        await HappensAsync(() => world.Stripe.Set(world.Stripe.Subscriptions[subscription.Id]));
        (await tenant.GetAsync("subscription/addons", Ct))["items"]!.AsArray().Single()!.Number("quantity").ShouldBe(5);
        (await tenant.Http.DeleteAsync($"subscription/addons/{addon["id"]}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        world.Stripe.Items.ShouldNotContainKey(addon.Text("id"));

        // The first answer is lost, and its event comes late.
        var payment = (await tenant.GetAsync("payments", Ct))["items"]!.AsArray().Single()!.Id();
        (await world.Platform.RefundAsync(tenant.TenantId, payment, 12.5m, Ct)).ShouldBeNull();
        var staff = await world.AStaffMemberAsync(Ct);
        var refund = new { Amount = 12.50m, RefundedAmount = 0, Reason = "Goodwill" };
        (await staff.PostAsync($"staff/payments/{payment}/refund", refund, Ct))["refundedAmount"]!.GetValue<decimal>().ShouldBe(12.5m);
        (await (await staff.Http.PostAsJsonAsync($"staff/payments/{payment}/refund", refund, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("12.5");

        var requests = world.Stripe.Requests.Where(request => request.StartsWith("POST /v1/refunds", StringComparison.Ordinal) && request.Contains("amount=1250")).ToList();
        requests.Count.ShouldBe(2);
        requests.Distinct().ShouldHaveSingleItem().ShouldContain($"key=refund-{payment}-0-1250");
    }

    [Fact]
    public async Task What_came_before_what_it_is_about_is_kept_and_staff_can_replay_it()
    {
        var (tenant, customer) = await ACustomerAsync();
        var first = world.Stripe.Events.Count;
        var subscription = world.Stripe.Subscribe(customer, "price_starter");
        world.Stripe.Refund(world.Stripe.Invoices.Values.Single(invoice => invoice.Subscription == subscription.Id), 4900);
        var refund = world.Stripe.Events[^1];

        (await world.DeliverAsync(refund.Body, Ct)).ShouldBe(HttpStatusCode.OK);
        await world.SettledAsync(Ct);
        (await world.Platform.RowsAsync("SELECT processed IS NULL, attempts, error LIKE '%not known yet%' FROM stripe_events WHERE id = $1", Ct, refund.Id)).ShouldBe(["True|1|True"]);
        foreach (var other in world.Stripe.Events.Skip(first).Where(other => other != refund).ToList())
        {
            (await world.DeliverAsync(other.Body, Ct)).ShouldBe(HttpStatusCode.OK);
        }

        await world.SettledAsync(Ct);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded"]);

        (await tenant.Http.PostAsJsonAsync($"staff/billing/events/{refund.Id}/replay", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var staff = await world.AStaffMemberAsync(Ct);
        (await staff.Http.PostAsJsonAsync($"staff/billing/events/{refund.Id}/replay", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await staff.Http.PostAsJsonAsync("staff/billing/events/evt_none/replay", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 refunded"]);
    }

    [Fact]
    public async Task A_refund_that_came_back_is_none_and_staff_are_told()
    {
        var (tenant, subscription) = await ASubscriberAsync("starter");
        var invoice = world.Stripe.Invoices.Values.Single(row => row.Subscription == subscription.Id);
        await HappensAsync(() => world.Stripe.Refund(invoice, 4900));
        var told = world.Stripe.Events[^1];
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 refunded"]);

        await HappensAsync(() => world.Stripe.FailRefund(world.Stripe.Invoices[invoice.Id]));

        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded"]);
        (await world.Platform.RowsAsync("SELECT severity, message LIKE '%49%expired_or_canceled_card%' FROM system_notifications WHERE dedup_key = $1", Ct, $"refund_failed:re_{invoice.Id}:-"))
            .ShouldBe(["critical|True"]);
        // What is told of the first once more, is of before.
        await world.Platform.RowsAsync("UPDATE stripe_events SET processed = NULL, attempts = 0 WHERE id = $1", Ct, told.Id);
        (await world.DeliverAsync(told.Body, Ct)).ShouldBe(HttpStatusCode.OK);
        await world.SettledAsync(Ct);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["49.00 succeeded"]);
    }

    [Fact]
    public async Task A_key_of_another_account_repairs_nothing_and_staff_are_told()
    {
        var customer = $"cus_{Guid.CreateVersion7():N}";
        var tenant = await world.Platform.ATenantAsync(Ct, customer);
        var subscription = world.Stripe.Subscribe(customer, "price_starter");
        await world.Platform.RowsAsync("INSERT INTO system_config (key, value, value_type) VALUES ('stripe_account_id', '\"acct_other\"', 'string')", Ct);

        await world.Platform.RunAsync<ReconcileStripe>(Ct);

        (await FollowedAsync()).ShouldBe([""]);
        (await OpenNoticesAsync()).ShouldBe(["1"]);
        await world.Platform.RowsAsync("UPDATE system_config SET value = $1::jsonb WHERE key = 'stripe_account_id'", Ct, $"\"{FakeStripe.Account}\"");
        await world.Platform.RunAsync<ReconcileStripe>(Ct);
        (await FollowedAsync()).ShouldBe([subscription.Id]);
        (await OpenNoticesAsync()).ShouldBe(["0"]);

        Task<IReadOnlyList<string>> FollowedAsync() => world.Platform.RowsAsync("SELECT coalesce(stripe_subscription_id, '') FROM subscriptions WHERE tenant_id = $1", Ct, tenant);
        Task<IReadOnlyList<string>> OpenNoticesAsync() => world.Platform.RowsAsync("SELECT count(*) FROM system_notifications WHERE dedup_key = 'stripe_account_id:-' AND NOT is_resolved", Ct);
    }

    [Fact]
    public async Task An_unknown_type_is_kept_and_nothing_is_made_of_it()
    {
        world.Stripe.TellOther();

        (await world.DeliverAsync(world.Stripe.Events[^1].Body, Ct)).ShouldBe(HttpStatusCode.OK);
        await world.SettledAsync(Ct);

        (await world.Platform.RowsAsync("SELECT processed IS NOT NULL, error FROM stripe_events WHERE id = $1", Ct, world.Stripe.Events[^1].Id))
            .ShouldBe(["True|Nothing is made of events of this type."]);
    }

    // A tenant that has been at the checkout.
    private async Task<(TenantClient Tenant, string Customer)> ACustomerAsync()
    {
        var tenant = await world.ATenantAsync(Ct);
        await tenant.PostAsync("subscription/checkout", new { Plan = "starter" }, Ct);
        return (tenant, (await world.Platform.RowsAsync("SELECT stripe_customer_id FROM tenant_config WHERE tenant_id = $1", Ct, tenant.TenantId)).Single());
    }

    private async Task<(TenantClient Tenant, FakeStripe.Subscription Subscription)> ASubscriberAsync(string plan)
    {
        var (tenant, customer) = await ACustomerAsync();
        var first = world.Stripe.Events.Count;
        var subscription = world.Stripe.Subscribe(customer, $"price_{plan}");
        await DeliverFromAsync(first);
        await StatusAsync(tenant, "active");
        return (tenant, subscription);
    }

    // Something happens at Stripe a second later, and is told.
    private async Task HappensAsync(Action happen)
    {
        world.Stripe.Now = world.Stripe.Now.AddSeconds(1);
        var first = world.Stripe.Events.Count;
        happen();
        await DeliverFromAsync(first);
    }

    // Does something whose events are applied before Stripe has answered.
    private async Task BeforeTheAnswerAsync(Func<Task> change)
    {
        world.Stripe.Now = world.Stripe.Now.AddSeconds(1);
        var first = world.Stripe.Events.Count;
        world.Stripe.BeforeAnswer = () => DeliverFromAsync(first);
        await change();
        world.Stripe.BeforeAnswer.ShouldBeNull();
        world.Stripe.Events.Count.ShouldBeGreaterThan(first);
    }

    // One thing that may happen to a customer next, some of them within the same second.
    private void Happen(Random random, string customer)
    {
        var stripe = world.Stripe;
        stripe.Now += TimeSpan.FromSeconds(random.Next(4) == 0 ? 0 : random.Next(1, 200_000));
        var live = stripe.Subscriptions.Values.SingleOrDefault(row => row.Customer == customer && row.Status != "canceled");
        if (live is null)
        {
            stripe.Subscribe(customer, "price_starter");
            return;
        }

        switch (random.Next(8))
        {
            case 0 or 1 when live.Status == "active":
                stripe.Renew(live, paid: random.Next(2) == 0);
                break;
            case 2 or 3 when live.Status is "past_due" or "unpaid":
                stripe.PayOpen(live);
                break;
            case 4 when live.Status == "past_due":
                stripe.Set(live with { Status = "unpaid" });
                break;
            case 5:
                stripe.Set(live with { CancelAtPeriodEnd = !live.CancelAtPeriodEnd, Price = random.Next(2) == 0 ? "price_starter" : "price_business" });
                break;
            case 6 when random.Next(3) == 0:
                stripe.Set(live with { Status = "canceled" }, Stripe.EventTypes.CustomerSubscriptionDeleted);
                break;
            case 7 when stripe.Invoices.Values.FirstOrDefault(row => row.Customer == customer && row.Status == "paid" && row.Refunded < row.Amount) is { } paid:
                stripe.Refund(paid, random.Next(2) == 0 ? paid.Amount : paid.Refunded + 100);
                break;
            default:
                stripe.TellOther();
                break;
        }
    }

    private async Task AsStripeAsync(List<string> customers)
    {
        var ours = await world.Platform.RowsAsync("""
            SELECT s.stripe_subscription_id, s.status, CASE WHEN s.status <> 'canceled' THEN concat_ws(' ', p.slug, extract(epoch FROM s.current_period_end)::bigint, s.cancel_at_period_end) END
            FROM subscriptions s JOIN plans p ON p.id = s.plan_id JOIN tenant_config c ON c.tenant_id = s.tenant_id WHERE c.stripe_customer_id = ANY ($1)
            """, Ct, (object)customers.ToArray());
        ours.ShouldBe(
            world.Stripe.Subscriptions.Values.Where(row => customers.Contains(row.Customer)).Select(row => $"{row.Id}|{row.Status}|" + (row.Status == "canceled"
                ? ""
                : $"{row.Price["price_".Length..]} {row.PeriodEnd.ToUnixTimeSeconds()} {(row.CancelAtPeriodEnd ? "t" : "f")}")),
            ignoreOrder: true);

        var payments = await world.Platform.RowsAsync("""
            SELECT p.stripe_invoice_id, p.status, (p.amount * 100)::bigint, (p.refunded_amount * 100)::bigint
            FROM payments p JOIN tenant_config c ON c.tenant_id = p.tenant_id WHERE c.stripe_customer_id = ANY ($1)
            """, Ct, (object)customers.ToArray());
        payments.ShouldBe(
            world.Stripe.Invoices.Values.Where(row => customers.Contains(row.Customer)).Select(row =>
                $"{row.Id}|{(row.Status == "open" ? "failed" : row.Refunded == row.Amount ? "refunded" : "succeeded")}|{row.Amount}|{row.Refunded}"),
            ignoreOrder: true);
    }

    private async Task DeliverFromAsync(int first)
    {
        foreach (var told in world.Stripe.Events.Skip(first).ToList())
        {
            (await world.DeliverAsync(told.Body, Ct)).ShouldBe(HttpStatusCode.OK);
        }

        await world.SettledAsync(Ct);
    }

    private static Task<JsonNode> StatusAsync(TenantClient tenant, string status) =>
        Given.EventuallyAsync(() => tenant.GetAsync("subscription", Ct), found => found.Text("status") == status, Ct);
}
