using System.Runtime.CompilerServices;
using MediatR;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Jobs;
using PenguinMails.Staff.Contracts;
using Stripe;

namespace PenguinMails.Billing.Jobs;

/// <summary>Compares all subscriptions, and the invoices and refunds of late, with Stripe's, and so repairs what lost events would have said.</summary>
internal sealed class ReconcileStripe(StripeApi stripe, StripeSync sync, ISender modules, IOptions<StripeOptions> options, TimeProvider clock) : IRecurringJob
{
    public const string Id = "billing.reconcile-stripe";

    // The platform's own account at Stripe, which staff may set (system_config).
    private const string AccountSetting = "stripe_account_id";

    private const int PageSize = 100;

    private DateRangeOptions Recent => new() { GreaterThanOrEqual = clock.GetUtcNow().UtcDateTime.AddDays(-options.Value.ReconcileDays) };

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Value.ApiKey is null || !await IsOurAccountAsync(ct))
        {
            return;
        }

        // What has ended comes first: a tenant has one that has not, at most.
        await foreach (var page in PagesAsync((api, list) => api.Subscriptions.ListAsync(list, cancellationToken: ct), new SubscriptionListOptions { Status = "all" }, ct))
        {
            var at = StripeApi.TimeOf(page);
            await Sweep.EachApartAsync(page.Data.OrderBy(row => row.Status != "canceled"), row => sync.FollowAsync(row, at, isAnswer: true, ct), ct);
        }

        var invoices = new InvoiceListOptions { Created = Recent, Expand = ["data.payments"] };
        await foreach (var page in PagesAsync((api, list) => api.Invoices.ListAsync(list, cancellationToken: ct), invoices, ct))
        {
            await Sweep.EachApartAsync(page.Data, row => sync.RecordAsync(row, ct), ct);
        }

        var refunds = new RefundListOptions { Created = Recent, Expand = ["data.charge"] };
        await foreach (var page in PagesAsync((api, list) => api.Refunds.ListAsync(list, cancellationToken: ct), refunds, ct))
        {
            await Sweep.EachApartAsync(page.Data.Select(row => row.Charge).OfType<Charge>(), row => sync.RefundAsync(row, ct), ct);
        }
    }

    // What another account knows, a sandbox for example, says nothing of this one's customers.
    private async Task<bool> IsOurAccountAsync(CancellationToken ct)
    {
        if ((await modules.Send(new GetSetting(AccountSetting), ct))?.As<string?>() is not { } expected)
        {
            return true;
        }

        var account = await stripe.AskAsync(api => api.Accounts.GetSelfAsync(cancellationToken: ct));
        if (account.Id == expected)
        {
            await modules.Send(new SettleNotification(AccountSetting, null, "The key is of the platform's account."), ct);
            return true;
        }

        await modules.Send(
            new RaiseNotification(
                "billing", "Stripe's key is of another account", $"Nothing is compared with Stripe: {AccountSetting} is {expected}, and the key is of {account.Id}.",
                "critical", AccountSetting, null),
            ct);
        return false;
    }

    private async IAsyncEnumerable<StripeList<T>> PagesAsync<T, TOptions>(
        Func<V1Services, TOptions, Task<StripeList<T>>> ask, TOptions list, [EnumeratorCancellation] CancellationToken ct)
        where T : IStripeEntity, IHasId where TOptions : ListOptions
    {
        list.Limit = PageSize;
        StripeList<T> page;
        do
        {
            ct.ThrowIfCancellationRequested();
            page = await stripe.AskAsync(api => ask(api, list));
            yield return page;
            list.StartingAfter = page.Data.LastOrDefault()?.Id;
        }
        while (page.HasMore);
    }
}
