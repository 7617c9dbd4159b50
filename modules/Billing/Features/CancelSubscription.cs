using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>POST /subscription/cancel: it ends with the period that is paid for; until then it can be taken back. One that is unpaid ends at once.</summary>
internal static class CancelSubscription
{
    internal sealed class Endpoint(BillingDb db, IPaymentProvider provider, SubscriptionNews news, TimeProvider clock) : EndpointWithoutRequest<Results<Ok<SubscriptionResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/cancel");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> ExecuteAsync(CancellationToken ct)
        {
            var live = await db.LiveSubscriptionAsync(ct);
            if (live?.Status == SubscriptionStatus.Unpaid)
            {
                // Nothing is paid for, and what is open may be of a year.
                await provider.EndAsync(live, ct);
                live.End(clock.GetUtcNow());
            }
            else if (live?.CancelAtEnd() == true)
            {
                await provider.CancelAtPeriodEndAsync(live, cancels: true, ct);
            }
            else
            {
                return Problems.Conflict("There is no subscription that goes on.");
            }

            await db.SaveDoneAsync(live, ct);
            await news.TellAsync(CancellationToken.None);
            return TypedResults.Ok(SubscriptionResponse.Of(live));
        }
    }
}
