using System.Linq.Expressions;

namespace PenguinMails.Billing.Features.Payments;

/// <param name="Amount">In whole units of the currency.</param>
/// <param name="ReceiptUrl">The provider's page with the invoice; at the local provider our own receipt. None where nothing was paid.</param>
internal sealed record PaymentResponse(
    Guid Id, decimal Amount, string Currency, PaymentStatus Status, decimal RefundedAmount, DateTimeOffset? Processed, string? Description,
    DateTimeOffset? BillingPeriodStart, DateTimeOffset? BillingPeriodEnd, string? ReceiptUrl)
{
    public static readonly Expression<Func<Payment, PaymentResponse>> FromRow = row => new PaymentResponse(
        row.Id, row.Amount, row.Currency, row.Status, row.RefundedAmount, row.Processed, row.Description, row.BillingPeriodStart, row.BillingPeriodEnd,
        row.ReceiptUrl ?? (row.StripeInvoiceId == null && row.Status != PaymentStatus.Failed ? "/api/v1/payments/" + row.Id + "/receipt" : null));

    public static readonly Func<Payment, PaymentResponse> Of = FromRow.Compile();
}
