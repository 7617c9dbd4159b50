using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>POST /subscription/checkout/{id}/confirm: pays at the local provider. It takes Stripe's test cards and refuses real ones.</summary>
internal static class ConfirmCheckout
{
    /// <param name="Confirmed">That the holder agrees, where the card asks for it.</param>
    internal sealed record Request(Guid Id, string CardNumber, bool Confirmed = false);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.CardNumber).NotEmpty().MaximumLength(30);
    }

    internal sealed class Endpoint(BillingDb db, IPaymentProvider provider, SubscriptionNews news) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/subscription/checkout/{id}/confirm");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (provider is not LocalProvider local || await db.LocalCheckouts.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } checkout)
            {
                return Problems.NotFound("Checkout");
            }

            if (checkout.Completed is not null)
            {
                return Problems.Conflict("The checkout is complete.");
            }

            if (await db.LocalCheckouts.AnyAsync(row => row.Created > checkout.Created, ct))
            {
                return Problems.Conflict("A newer checkout has taken its place.");
            }

            if (LocalProvider.CardOf(request.CardNumber) is not { } card)
            {
                return Problems.Unprocessable("cardNumber", "Only test cards are taken here, such as 4242 4242 4242 4242.");
            }

            if (card == TestCard.NeedsAction && !request.Confirmed)
            {
                return Problems.Unprocessable("confirmed", "The card needs its holder's confirmation.");
            }

            if (!await local.CompleteAsync(checkout, card, ct))
            {
                return Problems.Unprocessable("cardNumber", "The card was declined.");
            }

            await news.TellAsync(ct);
            return TypedResults.NoContent();
        }
    }
}
