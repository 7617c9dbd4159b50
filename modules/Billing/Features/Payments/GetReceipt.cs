using System.Globalization;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Payments;

/// <summary>GET /payments/{id}/receipt: a receipt as plain text, of what was paid at the local provider. Stripe has its own.</summary>
internal static class GetReceipt
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(BillingDb db) : Endpoint<Request, Results<ContentHttpResult, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/payments/{id}/receipt");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<ContentHttpResult, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var payment = await db.Payments.SingleOrDefaultAsync(row => row.Id == request.Id && row.StripeInvoiceId == null && row.Status != PaymentStatus.Failed, ct);
            return payment is null ? Problems.NotFound("Receipt") : TypedResults.Text(TextOf(payment));
        }

        private static string TextOf(Payment payment) => string.Create(CultureInfo.InvariantCulture, $"""
            Receipt {payment.Id}

            {payment.Description}
            Period   {payment.BillingPeriodStart:yyyy-MM-dd} to {payment.BillingPeriodEnd:yyyy-MM-dd}
            Paid     {payment.Amount:0.00} {payment.Currency} on {payment.Processed:yyyy-MM-dd}
            Refunded {payment.RefundedAmount:0.00} {payment.Currency}
            """);
    }
}
