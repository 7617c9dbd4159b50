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
    internal sealed record Response(
        Guid Id, PlanName Plan, SubscriptionStatus Status, DateTimeOffset? CurrentPeriodStart, DateTimeOffset? CurrentPeriodEnd,
        bool CancelAtPeriodEnd);

    internal sealed record PlanName(Guid Id, string Slug, string Name);

    internal sealed class Endpoint(BillingDb db) : EndpointWithoutRequest<Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/subscription");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(CancellationToken ct)
        {
            if (await db.CurrentSubscriptionAsync(ct) is not { } current)
            {
                return Problems.NotFound("Subscription");
            }

            return TypedResults.Ok(new Response(
                current.Id, new PlanName(current.Plan.Id, current.Plan.Slug, current.Plan.Name), current.Status,
                current.CurrentPeriodStart, current.CurrentPeriodEnd, current.CancelAtPeriodEnd));
        }
    }
}
