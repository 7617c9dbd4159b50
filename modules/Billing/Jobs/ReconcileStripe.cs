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

        // One tenant's that cannot be followed keeps neither another's, nor anybody's invoices and refunds.
        await Sweep.EachApartAsync<Func<CancellationToken, Task>>([SubscriptionsAsync, InvoicesAsync, RefundsAsync], compare => compare(ct), ct);
    }

    private Task SubscriptionsAsync(CancellationToken ct) => EachAsync(
        (api, list) => api.Subscriptions.ListAsync(list, cancellationToken: ct), new SubscriptionListOptions { Status = "all" },
        (row, at) => sync.FollowAsync(row, at, isAnswer: true, ct), ct);

    private Task InvoicesAsync(CancellationToken ct) => EachAsync(
        (api, list) => api.Invoices.ListAsync(list, cancellationToken: ct), new InvoiceListOptions { Created = Recent, Expand = ["data.payments"] },
        (row, _) => sync.RecordAsync(row, ct), ct);

    private Task RefundsAsync(CancellationToken ct) => EachAsync(
        (api, list) => api.Refunds.ListAsync(list, cancellationToken: ct), new RefundListOptions { Created = Recent, Expand = ["data.charge"] },
        (row, _) => row.Charge is { } charge ? sync.RefundAsync(charge, failure: null, ct) : Task.CompletedTask, ct);

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

    private Task EachAsync<T, TOptions>(
        Func<V1Services, TOptions, Task<StripeList<T>>> ask, TOptions list, Func<T, DateTimeOffset, Task> apply, CancellationToken ct)
        where T : IStripeEntity, IHasId where TOptions : ListOptions =>
        Sweep.EachApartAsync(RowsAsync(ask, list, ct), atOnce: 1, (one, _) => apply(one.Row, one.At), ct);

    // Each with when it stood so, by Stripe's clock.
    private async IAsyncEnumerable<(T Row, DateTimeOffset At)> RowsAsync<T, TOptions>(
        Func<V1Services, TOptions, Task<StripeList<T>>> ask, TOptions list, [EnumeratorCancellation] CancellationToken ct)
        where T : IStripeEntity, IHasId where TOptions : ListOptions
    {
        list.Limit = PageSize;
        StripeList<T> page;
        do
        {
            ct.ThrowIfCancellationRequested();
            page = await stripe.AskAsync(api => ask(api, list));
            foreach (var row in page.Data)
            {
                yield return (row, StripeApi.TimeOf(page));
            }

            list.StartingAfter = page.Data.LastOrDefault()?.Id;
        }
        while (page.HasMore);
    }
}
