using PenguinMails.Billing;

namespace PenguinMails.Tests.Billing;

/// <summary>The machine by itself: which state each step leads to from each, and which refuse it.</summary>
public sealed class SubscriptionStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 10, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Start.AddMonths(1);
    private static readonly Guid Plan = Guid.CreateVersion7();
    private static readonly Guid Other = Guid.CreateVersion7();

    // Null: refused.
    [Theory]
    [InlineData("fail", "past_due", null, null, null)]
    [InlineData("grace", null, "unpaid", null, null)]
    [InlineData("pay", "active", "active", "active", null)]
    [InlineData("buy", "active", "active", "active", null)]
    [InlineData("cancel", "active", "past_due", "unpaid", null)]
    [InlineData("resume", null, null, null, null)]
    [InlineData("end", "canceled", "canceled", "canceled", null)]
    [InlineData("upgrade", "active", null, null, null)]
    [InlineData("downgrade", "active", null, null, null)]
    public void Each_step_from_each_state(string step, string? fromActive, string? fromPastDue, string? fromUnpaid, string? fromCanceled)
    {
        foreach (var (state, expected) in new[] { ("active", fromActive), ("past_due", fromPastDue), ("unpaid", fromUnpaid), ("canceled", fromCanceled) })
        {
            var subscription = In(state);

            var isDone = Take(step, subscription);

            isDone.ShouldBe(expected is not null, $"{step} from {state}");
            NameOf(subscription).ShouldBe(expected ?? state, $"{step} from {state}");
        }
    }

    [Fact]
    public void Grace_lasts_seven_days_and_an_instant_less_is_not_enough()
    {
        var subscription = In("past_due");

        subscription.RunOutOfGrace(End + Subscription.Grace - TimeSpan.FromTicks(1)).ShouldBeFalse();
        subscription.RunOutOfGrace(End + Subscription.Grace).ShouldBeTrue();
    }

    [Fact]
    public void A_cancellation_is_taken_back_once()
    {
        var subscription = In("active");

        subscription.CancelAtEnd().ShouldBeTrue();
        subscription.CancelAtEnd().ShouldBeFalse();
        subscription.Resume().ShouldBeTrue();
        subscription.Resume().ShouldBeFalse();
    }

    [Fact]
    public void A_pending_plan_begins_with_the_next_period_and_not_before()
    {
        var subscription = In("active");
        subscription.Downgrade(Other);

        subscription.Pay(Start, End);
        (subscription.PlanId, subscription.PendingPlanId).ShouldBe((Plan, Other));
        subscription.Pay(End, End.AddMonths(1));
        (subscription.PlanId, subscription.PendingPlanId).ShouldBe((Other, null));
    }

    [Fact]
    public void What_Stripe_said_before_changes_nothing_after()
    {
        var subscription = In("active");

        subscription.Follow(Snapshot(SubscriptionStatus.Canceled, Start.AddDays(2))).ShouldBeTrue();
        subscription.Follow(Snapshot(SubscriptionStatus.Active, Start.AddDays(1))).ShouldBeFalse();
        subscription.Status.ShouldBe(SubscriptionStatus.Canceled);
        // Nor does it come to life again.
        subscription.Follow(Snapshot(SubscriptionStatus.Active, Start.AddDays(3))).ShouldBeTrue();
        subscription.Status.ShouldBe(SubscriptionStatus.Canceled);
    }

    [Fact]
    public void What_is_unpaid_stays_so_while_Stripe_still_tries()
    {
        var subscription = In("unpaid");

        subscription.Follow(Snapshot(SubscriptionStatus.PastDue, End.AddDays(9)));
        subscription.Status.ShouldBe(SubscriptionStatus.Unpaid);
        subscription.Follow(Snapshot(SubscriptionStatus.Active, End.AddDays(10)));
        (subscription.Status, subscription.PastDueSince).ShouldBe((SubscriptionStatus.Active, null));
    }

    [Fact]
    public void What_is_late_after_Stripe_gave_up_is_late_anew_though_the_payment_between_was_not_heard_of()
    {
        var subscription = In("past_due");

        subscription.Follow(Snapshot(SubscriptionStatus.Unpaid, End.AddDays(1)));
        subscription.Follow(Snapshot(SubscriptionStatus.PastDue, End.AddDays(40)));

        (subscription.Status, subscription.PastDueSince).ShouldBe((SubscriptionStatus.PastDue, End.AddDays(40)));
    }

    [Fact]
    public void The_smaller_plan_that_Stripe_bills_next_is_not_given_yet()
    {
        var subscription = In("active");
        subscription.Downgrade(Other);

        subscription.Follow(Snapshot(SubscriptionStatus.Active, Start.AddDays(1)) with { PlanId = Other });
        (subscription.PlanId, subscription.PendingPlanId).ShouldBe((Plan, Other));
        subscription.Follow(Snapshot(SubscriptionStatus.Active, End) with { PlanId = Other, PeriodStart = End, PeriodEnd = End.AddMonths(1) });
        (subscription.PlanId, subscription.PendingPlanId).ShouldBe((Other, null));
    }

    [Theory]
    [InlineData(4900, "usd", "49.00")]
    [InlineData(1, "EUR", "0.01")]
    [InlineData(500, "jpy", "500")]
    [InlineData(5120, "kwd", "5.12")]
    [InlineData(500, "ugx", "5.00")]
    [InlineData(99999999, "usd", "999999.99")]
    public void Amounts_are_of_Stripes_smallest_units(long minor, string currency, string whole)
    {
        var amount = decimal.Parse(whole, System.Globalization.CultureInfo.InvariantCulture);

        Money.FromMinor(minor, currency).ShouldBe(amount);
        Money.ToMinor(amount, currency).ShouldBe(minor);
    }

    [Theory]
    [InlineData("1.5", "JPY", false)]
    [InlineData("1.005", "USD", false)]
    [InlineData("1.05", "USD", true)]
    [InlineData("1", "JPY", true)]
    public void An_amount_that_a_currency_does_not_have_is_told(string amount, string currency, bool fits) =>
        Money.Fits(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), currency).ShouldBe(fits);

    private static Subscription In(string state)
    {
        var subscription = Subscription.Start(Guid.CreateVersion7(), Plan, Start);
        _ = state == "canceled" && subscription.End(End);
        _ = state is "past_due" or "unpaid" && subscription.FailPayment(End);
        _ = state == "unpaid" && subscription.RunOutOfGrace(End + Subscription.Grace);
        NameOf(subscription).ShouldBe(state);
        return subscription;
    }

    private static bool Take(string step, Subscription subscription) => step switch
    {
        "fail" => subscription.FailPayment(End),
        "grace" => subscription.RunOutOfGrace(End.AddDays(8)),
        "pay" => subscription.Pay(End, End.AddMonths(1)),
        "buy" => subscription.Buy(Other, BillingInterval.Year, End, End.AddYears(1)),
        "cancel" => subscription.CancelAtEnd(),
        "resume" => subscription.Resume(),
        "end" => subscription.End(End),
        "upgrade" => subscription.Upgrade(Other, BillingInterval.Month),
        "downgrade" => subscription.Downgrade(Other),
        _ => throw new ArgumentOutOfRangeException(nameof(step)),
    };

    private static string NameOf(Subscription subscription) => PenguinMails.Shared.Database.SnakeCase.Of(subscription.Status);

    private static StripeSnapshot Snapshot(SubscriptionStatus status, DateTimeOffset at) =>
        new("sub_1", status, Plan, BillingInterval.Month, Start, End, false, at);
}
