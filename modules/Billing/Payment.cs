namespace PenguinMails.Billing;

internal enum PaymentStatus
{
    Pending,
    Succeeded,
    Failed,
    Refunded,
}

/// <summary>Money that was asked for, once for each invoice. Kept for seven years, whatever becomes of the tenant.</summary>
internal sealed class Payment
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid? SubscriptionId { get; set; }
    public Guid? InitiatedByUserId { get; init; }

    /// <summary>In whole units of the currency, as <see cref="Money"/> makes them.</summary>
    public required decimal Amount { get; set; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }
    public required PaymentStatus Status { get; set; }
    public DateTimeOffset? Processed { get; set; }
    public string? Description { get; init; }
    public string? StripePaymentIntentId { get; set; }
    public string? StripeInvoiceId { get; init; }
    public DateTimeOffset? BillingPeriodStart { get; init; }
    public DateTimeOffset? BillingPeriodEnd { get; init; }
    public DateTimeOffset? Created { get; init; }

    /// <summary>What was paid back of it so far.</summary>
    public decimal RefundedAmount { get; private set; }

    /// <summary>The provider's page with the invoice.</summary>
    public string? ReceiptUrl { get; set; }

    /// <summary>What is not paid back yet; nothing of what was never paid.</summary>
    public decimal Refundable => Status is PaymentStatus.Succeeded or PaymentStatus.Refunded ? Amount - RefundedAmount : 0;

    /// <summary>So much of it is paid back by now; what is told late never makes it less.</summary>
    public void Refund(decimal total)
    {
        RefundedAmount = Math.Clamp(total, RefundedAmount, Amount);
        if (RefundedAmount == Amount)
        {
            Status = PaymentStatus.Refunded;
        }
    }

    /// <summary>Of what was paid back some came back: so much stays.</summary>
    public void FailRefund(decimal total)
    {
        RefundedAmount = Math.Min(total, RefundedAmount);
        Status = Status == PaymentStatus.Refunded && RefundedAmount < Amount ? PaymentStatus.Succeeded : Status;
    }

    /// <summary>Goes on as its invoice did. Nothing that comes late takes back that it was paid, or paid back.</summary>
    public void Follow(InvoiceSnapshot invoice)
    {
        if (Status is PaymentStatus.Pending or PaymentStatus.Failed)
        {
            (Amount, Status, Processed) = (invoice.Amount, invoice.Status, invoice.Processed);
        }

        StripePaymentIntentId ??= invoice.PaymentIntentId;
        ReceiptUrl = invoice.ReceiptUrl ?? ReceiptUrl;
    }
}

/// <summary>An invoice as Stripe has it.</summary>
/// <param name="SubscriptionId">Stripe's; null for an invoice that is of no subscription.</param>
/// <param name="Amount">In whole units: what was paid, or is due.</param>
internal sealed record InvoiceSnapshot(
    string Id, string CustomerId, string? SubscriptionId, string? PaymentIntentId, PaymentStatus Status, decimal Amount, string Currency,
    DateTimeOffset PeriodStart, DateTimeOffset PeriodEnd, DateTimeOffset? Processed, string? Description, string? ReceiptUrl);
