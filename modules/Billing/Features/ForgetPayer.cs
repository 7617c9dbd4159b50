using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>What the law keeps of a purged tenant is amounts and dates: who paid, and the provider's page that names them, are taken out.</summary>
internal sealed class ForgetPayer(BillingDb db) : INotificationHandler<TenantPurging>
{
    public Task Handle(TenantPurging purging, CancellationToken ct) => db.Payments.ExecuteUpdateAsync(
        set => set.SetProperty(payment => payment.InitiatedByUserId, (Guid?)null).SetProperty(payment => payment.ReceiptUrl, (string?)null), ct);
}
