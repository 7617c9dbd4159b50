using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Addons;

/// <summary>DELETE /subscription/addons/{id}: without the add-on from now on, if what the tenant has still fits.</summary>
internal static class RemoveAddon
{
    internal sealed record Request(string Id);

    internal sealed class Endpoint(BillingDb db, AddonSales sales) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/subscription/addons/{id}");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var live = await db.LiveSubscriptionAsync(ct);
            if (AddonSales.Find(live, request.Id) is not { } known)
            {
                return Problems.NotFound("Add-on");
            }

            var (_, problem) = await sales.SellAsync(live!, known, known.AddonType, 0, ct);
            return problem is null ? TypedResults.NoContent() : problem;
        }
    }
}
