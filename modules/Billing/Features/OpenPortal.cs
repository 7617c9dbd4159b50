using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>POST /subscription/portal: where the card is changed, what is open is paid and invoices are seen.</summary>
internal static class OpenPortal
{
    internal sealed class Endpoint(BillingDb db, IPaymentProvider provider) : EndpointWithoutRequest<Results<Ok<StartCheckout.Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/portal");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<StartCheckout.Response>, ProblemHttpResult>> ExecuteAsync(CancellationToken ct) =>
            await db.LiveSubscriptionAsync(ct) is { } live && await provider.IsSetUpAsync(live, ct) && await provider.PortalAsync(live, ct) is { } url
                ? TypedResults.Ok(new StartCheckout.Response(url))
                : Problems.Conflict("Nothing was paid for yet: POST /subscription/checkout begins.");
    }
}
