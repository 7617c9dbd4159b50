using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>GET /subscription: the tenant's plan and how it stands.</summary>
internal static class GetSubscription
{
    internal sealed class Endpoint(BillingDb db) : EndpointWithoutRequest<Results<Ok<SubscriptionResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/subscription");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> ExecuteAsync(CancellationToken ct) =>
            await db.CurrentSubscriptionAsync(ct) is { } current ? TypedResults.Ok(SubscriptionResponse.Of(current)) : Problems.NotFound("Subscription");
    }
}
