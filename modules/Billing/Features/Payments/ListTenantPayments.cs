using FastEndpoints;
using FluentValidation;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Billing.Features.Payments;

/// <summary>GET /staff/payments?tenantId=: a tenant's payments, newest first.</summary>
internal static class ListTenantPayments
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public Guid? TenantId { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.TenantId).NotNull();
    }

    internal sealed class Endpoint(PlatformDb<BillingDb> platform) : Endpoint<Request, Page<PaymentResponse>>
    {
        public override void Configure()
        {
            Get("/staff/payments");
            Policies(Staff.Contracts.Permissions.BillingRead);
        }

        public override async Task<Page<PaymentResponse>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.payments");
            return await db.Payments.Where(payment => payment.TenantId == request.TenantId)
                .ToPageAsync(request, payment => payment.Id, PaymentResponse.FromRow, item => item.Id, ct);
        }
    }
}
