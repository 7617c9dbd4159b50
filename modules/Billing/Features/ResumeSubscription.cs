using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>POST /subscription/resume: takes a cancellation back before the period ends.</summary>
internal static class ResumeSubscription
{
    internal sealed class Endpoint(BillingDb db, IPaymentProvider provider) : EndpointWithoutRequest<Results<Ok<SubscriptionResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/resume");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> ExecuteAsync(CancellationToken ct)
        {
            if (await db.LiveSubscriptionAsync(ct) is not { } live || !live.Resume())
            {
                return Problems.Conflict("No cancellation is pending.");
            }

            await provider.CancelAtPeriodEndAsync(live, cancels: false, ct);
            await db.SaveDoneAsync(live, ct);
            return TypedResults.Ok(SubscriptionResponse.Of(live));
        }
    }
}
