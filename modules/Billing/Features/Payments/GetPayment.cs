using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Payments;

/// <summary>GET /payments/{id}: a payment with the link to its receipt.</summary>
internal static class GetPayment
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(BillingDb db) : Endpoint<Request, Results<Ok<PaymentResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/payments/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<PaymentResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Payments.Where(payment => payment.Id == request.Id).Select(PaymentResponse.FromRow).SingleOrDefaultAsync(ct) is { } payment
                ? TypedResults.Ok(payment)
                : Problems.NotFound("Payment");
    }
}
