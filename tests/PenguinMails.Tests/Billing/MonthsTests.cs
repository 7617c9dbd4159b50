using System.Globalization;
using CsCheck;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Jobs;
using PenguinMails.Billing.Payments;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Billing;

/// <summary>Random months in the life of tenants at the local provider, against a model of a few lines.</summary>
public sealed class MonthsTests(HostFixture host)
{
    private static readonly Gen<(int Days, int Step)[]> Months = Gen.Select(Gen.Int[0, 12], Gen.Int[0, 5]).Array[30];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_tenant_sends_while_unpaid_or_more_than_its_plan_allows_and_no_payment_is_lost_or_doubled()
    {
        await using var database = new ScratchDatabase(host);
        await database.CopyAsync(Ct);
        await using var platform = BillingPlatform.Over(host, database);
        var start = platform.Clock.Now;

        // 4 lives of 30 steps, some 180 days each.
        await Months.SampleAsync(async steps =>
        {
            platform.Clock.Now = start;
            await LiveAsync(platform, steps);
        }, iter: 4, threads: 1);
    }

    private static async Task LiveAsync(BillingPlatform platform, (int Days, int Step)[] steps)
    {
        var tenant = await platform.ATenantAsync(Ct);
        var model = new Model(platform.Clock.Now);
        foreach (var (days, step) in steps)
        {
            for (var day = 0; day < days; day++)
            {
                platform.Clock.Now = platform.Clock.Now.AddDays(1);
                // Twice: what is done is not done again.
                await platform.RunAsync<AdvanceSubscriptions>(Ct);
                await platform.RunAsync<AdvanceSubscriptions>(Ct);
                model.Pass(platform.Clock.Now);
            }

            await TakeAsync(platform, tenant, step);
            model.Take(step, platform.Clock.Now);

            var status = (await platform.RowsAsync("SELECT status FROM subscriptions WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1", Ct, tenant)).Single();
            status.ShouldBe(model.Status);
            (await platform.SendAsync(tenant, days * 500, Ct)).ShouldBe(model.Send(days * 500, platform.Clock.Now));
            (await platform.MaySendAsync(tenant, Ct)).ShouldBe(model.Left(platform.Clock.Now) > 0);
            (await platform.RowsAsync("SELECT count(*) FROM payments WHERE tenant_id = $1 AND status = 'succeeded' AND amount = 49", Ct, tenant))
                .ShouldBe([model.Paid.ToString(CultureInfo.InvariantCulture)]);
            (await platform.RowsAsync("SELECT count(*) FROM payments WHERE tenant_id = $1 AND status <> 'succeeded'", Ct, tenant))
                .ShouldBe([model.Failed.ToString(CultureInfo.InvariantCulture)]);
        }

        (await platform.RowsAsync("SELECT count(*) FROM subscriptions WHERE tenant_id = $1 AND status <> told_status", Ct, tenant)).ShouldBe(["0"]);
    }

    // 0, 1: a good card, or one that fails later, pays for a plan. 2: cancel. 3: resume. Else nothing.
    private static async Task TakeAsync(BillingPlatform platform, Guid tenant, int step)
    {
        await using var scope = platform.ScopeOf(tenant);
        var db = scope.ServiceProvider.GetRequiredService<BillingDb>();
        if (step is 0 or 1)
        {
            var local = (LocalProvider)scope.ServiceProvider.GetRequiredService<IPaymentProvider>();
            var plan = await db.Plans.SingleAsync(row => row.Slug == "starter", Ct);
            await local.CheckoutAsync(plan, BillingInterval.Month, Ct);
            var checkout = await db.LocalCheckouts.OrderByDescending(row => row.Id).FirstAsync(Ct);
            (await local.CompleteAsync(checkout, step == 0 ? TestCard.Success : TestCard.DeclineLater, Ct)).ShouldBeTrue();
            await scope.ServiceProvider.GetRequiredService<SubscriptionNews>().TellAsync(Ct);
        }
        else if (await db.LiveSubscriptionAsync(Ct) is { } live)
        {
            _ = step == 2 ? live.CancelAtEnd() : step == 3 && live.Resume();
            await db.SaveChangesAsync(Ct);
        }
    }

    private sealed class Model(DateTimeOffset start)
    {
        private DateTimeOffset _end = start.AddMonths(1);
        private DateTimeOffset _failed;
        private bool? _goodCard;
        private bool _canceling;
        private (int Year, int Month) _month;
        private int _sent;

        public string Status { get; private set; } = "active";

        public int Paid { get; private set; }

        public int Failed { get; private set; }

        public void Pass(DateTimeOffset now)
        {
            if (Status == "past_due" && _failed.AddDays(7) <= now && !(_canceling && _end <= now))
            {
                Status = "unpaid";
            }
            else if (Status != "canceled" && _canceling && _end <= now)
            {
                (Status, _canceling) = ("canceled", false);
            }
            else if (Status == "active" && _end <= now)
            {
                Renew(now);
            }
        }

        public void Take(int step, DateTimeOffset now)
        {
            if (step is 0 or 1)
            {
                Buy(step == 0, now);
            }
            else if (step is 2 or 3 && Status != "canceled")
            {
                _canceling = step == 2;
            }
        }

        public int Send(int wanted, DateTimeOffset now)
        {
            var sent = Math.Min(wanted, Left(now));
            _sent += sent;
            return sent;
        }

        // Starter: 10,000 in a month by the calendar.
        public int Left(DateTimeOffset now)
        {
            if (_month != (now.UtcDateTime.Year, now.UtcDateTime.Month))
            {
                (_month, _sent) = ((now.UtcDateTime.Year, now.UtcDateTime.Month), 0);
            }

            return Status is "active" or "past_due" ? 10_000 - _sent : 0;
        }

        private void Renew(DateTimeOffset now)
        {
            if (_goodCard == true)
            {
                (_end, Paid) = (_end.AddMonths(1), Paid + 1);
                return;
            }

            (Status, _failed, Failed) = ("past_due", now, Failed + 1);
        }

        private void Buy(bool good, DateTimeOffset now)
        {
            var isCardOnly = Status == "active" && _goodCard is not null;
            _goodCard = good;
            if (!isCardOnly)
            {
                (Status, _end, _canceling, Paid) = ("active", now.AddMonths(1), false, Paid + 1);
            }
        }
    }
}
