using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using PenguinMails.Billing.Data;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;

namespace PenguinMails.Billing.Features;

/// <summary>
/// POST /staff/billing/clock: lets days pass for a tenant's subscription, in Development with the local provider. Not the clock moves but
/// the tenant's dates, back by a day at a time, and what is then due is done: so it holds on all hosts, and nobody's session ends.
/// </summary>
internal static class AdvanceClock
{
    internal sealed record Request(Guid TenantId, int Days);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Days).InclusiveBetween(1, 400);
    }

    internal sealed class Endpoint(IPaymentProvider provider, IHostEnvironment environment, IServiceScopeFactory scopes)
        : Endpoint<Request, Results<Ok<SubscriptionResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/billing/clock");
            Policies(Staff.Contracts.Permissions.PlansManage);
        }

        public override async Task<Results<Ok<SubscriptionResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (provider is not LocalProvider || !environment.IsDevelopment())
            {
                return Problems.Conflict("Time can be moved only in Development, and only for the local provider.");
            }

            await using var tenant = scopes.CreateTenantScope(request.TenantId);
            var db = tenant.ServiceProvider.GetRequiredService<BillingDb>();
            for (var day = 0; day < request.Days; day++)
            {
                await ShiftAsync(db, ct);
                await tenant.ServiceProvider.GetRequiredService<SubscriptionTime>().AdvanceAsync(ct);
            }

            return await db.CurrentSubscriptionAsync(ct) is { } current ? TypedResults.Ok(SubscriptionResponse.Of(current)) : Problems.NotFound("Subscription");
        }

        private static Task ShiftAsync(BillingDb db, CancellationToken ct) => db.Database.ExecuteSqlAsync(
            $"""
            UPDATE subscriptions SET current_period_start = current_period_start - interval '1 day', current_period_end = current_period_end - interval '1 day',
                past_due_since = past_due_since - interval '1 day', canceled = canceled - interval '1 day';
            UPDATE payments SET processed = processed - interval '1 day', billing_period_start = billing_period_start - interval '1 day',
                billing_period_end = billing_period_end - interval '1 day';
            UPDATE local_checkouts SET created = created - interval '1 day', completed = completed - interval '1 day'
            """,
            ct);
    }
}
