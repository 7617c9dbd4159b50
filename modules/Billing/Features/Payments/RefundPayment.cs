using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Billing.Features.Payments;

/// <summary>POST /staff/payments/{id}/refund: pays a payment back, or a part of it. The subscription stays as it is.</summary>
internal static class RefundPayment
{
    /// <param name="Amount">In whole units of the payment's currency; absent: all that is left of it.</param>
    /// <param name="RefundedAmount">What was paid back so far, as the payment shows it: what is asked for twice is paid back once.</param>
    /// <param name="Reason">For the audit log.</param>
    internal sealed record Request(Guid Id, decimal? Amount, decimal? RefundedAmount, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Amount).GreaterThan(0);
            RuleFor(request => request.RefundedAmount).NotNull();
            RuleFor(request => request.Reason).NotEmpty().MaximumLength(500);
        }
    }

    internal sealed class Endpoint(PlatformDb<BillingDb> platform, IServiceScopeFactory scopes, ISender modules)
        : Endpoint<Request, Results<Ok<PaymentResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/payments/{id}/refund");
            Policies(Staff.Contracts.Permissions.BillingRefund);
        }

        public override async Task<Results<Ok<PaymentResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var all = platform.Open("staff.payments");
            if (await all.Payments.AsNoTracking().SingleOrDefaultAsync(payment => payment.Id == request.Id, ct) is not { } found)
            {
                return Problems.NotFound("Payment");
            }

            await using var tenant = scopes.CreateTenantScope(found.TenantId);
            var db = tenant.ServiceProvider.GetRequiredService<BillingDb>();
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await db.LockAsync($"refund:{found.Id}", ct);
            var payment = await db.Payments.SingleAsync(row => row.Id == found.Id, ct);
            if (payment.RefundedAmount != request.RefundedAmount)
            {
                return Problems.Conflict($"{payment.RefundedAmount} {payment.Currency} of it are paid back by now.");
            }

            var amount = request.Amount ?? payment.Refundable;
            if (amount <= 0 || amount > payment.Refundable || !Money.Fits(amount, payment.Currency))
            {
                return Problems.Unprocessable("amount", $"What can be paid back is up to {payment.Refundable} {payment.Currency}.");
            }

            if (await tenant.ServiceProvider.GetRequiredService<IPaymentProvider>().RefundAsync(payment, amount, ct) is { } refusal)
            {
                return Problems.Unprocessable("amount", refusal);
            }

            payment.Refund(payment.RefundedAmount + amount);
            // It is paid back: who hangs up now must not lose that.
            await db.SaveChangesAsync(CancellationToken.None);
            await transaction.CommitAsync(CancellationToken.None);
            await modules.Send(new RecordAudit("billing.refund", "payment", payment.Id.ToString())
            {
                TenantId = payment.TenantId,
                Reason = request.Reason,
                Details = new Dictionary<string, string?> { ["amount"] = $"{amount} {payment.Currency}" },
            }, CancellationToken.None);
            return TypedResults.Ok(PaymentResponse.Of(payment));
        }
    }
}
