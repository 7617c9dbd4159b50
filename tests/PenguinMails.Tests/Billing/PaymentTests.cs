using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Billing;

/// <summary>Receipts, refunds, and plans as staff sell them.</summary>
public sealed class PaymentTests(HostFixture host, BillingStaff staff) : IClassFixture<BillingStaff>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payment_has_a_receipt_and_is_paid_back_at_most_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);
        var payment = (await tenant.GetAsync("payments", Ct))["items"]![0]!;
        var receipt = (await tenant.GetAsync($"payments/{payment.Id()}", Ct)).Text("receiptUrl");
        (await tenant.Http.GetStringAsync(new Uri(host.Url + receipt), Ct)).ShouldContain("49.00 USD");

        var path = $"staff/payments/{payment.Id()}/refund";
        (await tenant.Http.PostAsJsonAsync(path, new { RefundedAmount = 0, Reason = "Mine" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await staff.Person.PostAsync(path, new { Amount = 9.5m, RefundedAmount = 0, Reason = "Goodwill" }, Ct)).Text("status").ShouldBe("succeeded");
        (await (await staff.Person.Http.PostAsJsonAsync(path, new { Amount = 40m, RefundedAmount = 9.5m, Reason = "Too much" }, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct))
            .Fields().ShouldBe(["amount"]);
        (await (await staff.Person.Http.PostAsJsonAsync(path, new { Reason = "Of what?" }, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["refundedAmount"]);
        (await staff.Person.Http.PostAsJsonAsync(path, new { Amount = 9.5m, RefundedAmount = 0, Reason = "Twice" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var refunded = await staff.Person.PostAsync(path, new { RefundedAmount = 9.5m, Reason = "All of it" }, Ct);
        (refunded.Text("status"), refunded["refundedAmount"]!.GetValue<decimal>()).ShouldBe(("refunded", 49m));
        (await staff.Person.Http.PostAsJsonAsync(path, new { RefundedAmount = 49, Reason = "Again" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await host.QueryAsync("SELECT reason FROM audit_log WHERE action = 'billing.refund' AND resource_id = $1 ORDER BY created", Ct, payment.Id().ToString()))
            .ShouldBe(["Goodwill", "All of it"]);
        (await staff.Person.GetAsync($"staff/payments?tenantId={tenant.TenantId}", Ct))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Other_terms_are_a_new_version_and_who_bought_the_old_one_keeps_it()
    {
        var slug = $"p{Guid.CreateVersion7():N}";
        var plan = await staff.Person.PostAsync("staff/plans", new { Slug = slug, Name = "Plan", IsActive = true, Terms = Terms(users: 3, price: 1000) }, Ct);
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync(slug, Ct);

        var renamed = await PatchAsync(plan.Id(), new { Name = "Renamed" });
        (renamed.Id(), renamed.Number("version")).ShouldBe((plan.Id(), 1));
        var newer = await PatchAsync(plan.Id(), new { Terms = Terms(users: 2, price: 2000) });

        (newer.Number("version"), newer.Text("slug")).ShouldBe((2, slug));
        newer.Id().ShouldNotBe(plan.Id());
        (await tenant.GetAsync("subscription", Ct))["plan"]!["id"]!.GetValue<Guid>().ShouldBe(plan.Id());
        await staff.PassAsync(tenant, 31, Ct);
        (await tenant.PaymentsAsync(Ct)).ShouldBe(["10.00 succeeded", "10.00 succeeded"]);
        var offered = (await (await host.Anonymous().GetAsync("plans", Ct)).ReadAsync(Ct))["items"]!.AsArray().Single(item => item!.Text("slug") == slug)!;
        offered.Number("priceMonthly").ShouldBe(2000);
        await tenant.InviteAsync(2, Ct);

        // They cost more, and allow less.
        (await (await tenant.Http.PostAsJsonAsync("subscription/change", new { Plan = slug }, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct))
            .Fields().ShouldBe(["users"]);
        (await (await staff.Person.Http.PatchAsJsonAsync($"staff/plans/{plan.Id()}", new { Terms = Terms(users: 1, price: 1) }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct))
            .ShouldNotBeNull();
        (await host.QueryAsync("SELECT count(*) FROM audit_log WHERE action = 'plans.update' AND resource_id = $1", Ct, plan.Id().ToString())).ShouldBe(["2"]);
        await PatchAsync(newer.Id(), new { IsActive = false });

        // Its own terms are not on sale any more, and can be paid for all the same.
        await tenant.ChangeCardAsync(BillingGiven.DeclinedLater, Ct);
        (await staff.PassAsync(tenant, 40, Ct)).Text("status").ShouldBe("unpaid");
        var own = (await tenant.GetAsync("subscription", Ct))["plan"]!.Text("slug");
        await tenant.BuyAsync(own, Ct);
        (await tenant.GetAsync("subscription", Ct)).Text("status").ShouldBe("active");
    }

    [Fact]
    public async Task A_plan_that_is_sold_by_the_year_only_is_changed_to_by_the_year()
    {
        var slug = $"y{Guid.CreateVersion7():N}";
        await staff.Person.PostAsync("staff/plans", new { Slug = slug, Name = "Yearly", IsActive = true, Terms = new { PriceYearly = 120_000 } }, Ct);
        var tenant = await host.ATenantAsync(Ct);
        await tenant.BuyAsync("starter", Ct);

        (await (await tenant.Http.PostAsJsonAsync("subscription/change", new { Plan = slug }, Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct))
            .Fields().ShouldBe(["plan"]);
        var changed = await tenant.PostAsync("subscription/change", new { Plan = slug, Interval = "year" }, Ct);

        (changed["plan"]!.Text("slug"), changed.Text("interval")).ShouldBe((slug, "year"));
    }

    private async Task<JsonNode> PatchAsync(Guid plan, object change) =>
        await (await staff.Person.Http.PatchAsJsonAsync($"staff/plans/{plan}", change, Ct)).ReadAsync(Ct);

    private static object Terms(int users, int price) => new { MaxUsers = users, ApiAccess = false, PrioritySupport = false, AdvancedAnalytics = false, WhiteLabel = false, PriceMonthly = price };
}
