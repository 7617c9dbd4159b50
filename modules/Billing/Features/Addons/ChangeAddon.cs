using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Addons;

/// <summary>PATCH /subscription/addons/{id}: more or fewer of an add-on; fewer only if what the tenant has still fits.</summary>
internal static class ChangeAddon
{
    internal sealed record Request(string Id, int Quantity);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Quantity).InclusiveBetween(1, 1000);
    }

    internal sealed class Endpoint(BillingDb db, AddonSales sales) : Endpoint<Request, Results<Ok<AddonResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/subscription/addons/{id}");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<AddonResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var live = await db.LiveSubscriptionAsync(ct);
            if (AddonSales.Find(live, request.Id) is not { } known)
            {
                return Problems.NotFound("Add-on");
            }

            var (sold, problem) = await sales.SellAsync(live!, known, known.AddonType, request.Quantity, ct);
            return sold is null ? problem! : TypedResults.Ok(AddonResponse.Of(sold));
        }
    }
}
