using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Addons;

/// <summary>POST /subscription/addons: buys some of an add-on, charged for the rest of the period.</summary>
internal static class AddAddon
{
    internal sealed record Request(AddonType? Type, int Quantity = 1);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Type).NotNull();
            RuleFor(request => request.Quantity).InclusiveBetween(1, 1000);
        }
    }

    internal sealed class Endpoint(BillingDb db, AddonSales sales) : Endpoint<Request, Results<Created<AddonResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/addons");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Created<AddonResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.LiveSubscriptionAsync(ct) is not { } live)
            {
                return Problems.Conflict("The plan comes first: POST /subscription/checkout.");
            }

            if (live.Addons.Any(addon => addon.IsActive && addon.AddonType == request.Type))
            {
                return Problems.Conflict("There is such an add-on: change how many.");
            }

            var (sold, problem) = await sales.SellAsync(live, null, request.Type!.Value, request.Quantity, ct);
            return sold is null ? problem! : TypedResults.Created($"/api/v1/subscription/addons/{sold.Id}", AddonResponse.Of(sold));
        }
    }
}
