using FastEndpoints;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features.Payments;

/// <summary>GET /payments: what was charged, newest first, failed attempts among it.</summary>
internal static class ListPayments
{
    internal sealed class Endpoint(BillingDb db) : Endpoint<PageRequest, Page<PaymentResponse>>
    {
        public override void Configure()
        {
            Get("/payments");
            Policies(AccessPolicies.Admin);
        }

        public override Task<Page<PaymentResponse>> ExecuteAsync(PageRequest request, CancellationToken ct) =>
            db.Payments.ToPageAsync(request, payment => payment.Id, PaymentResponse.FromRow, item => item.Id, ct);
    }
}
