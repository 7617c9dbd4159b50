using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Jobs;
using Stripe;

namespace PenguinMails.Billing.Jobs;

/// <summary>Compares all subscriptions, and the invoices and refunds of late, with Stripe's, and so repairs what lost events would have said.</summary>
internal sealed class ReconcileStripe(StripeApi stripe, StripeSync sync, IOptions<StripeOptions> options, TimeProvider clock) : IRecurringJob
{
    public const string Id = "billing.reconcile-stripe";

    private const int PageSize = 100;

    private DateRangeOptions Recent => new() { GreaterThanOrEqual = clock.GetUtcNow().UtcDateTime.AddDays(-options.Value.ReconcileDays) };

    public async Task RunAsync(CancellationToken ct)
    {
        if (options.Value.ApiKey is null)
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
