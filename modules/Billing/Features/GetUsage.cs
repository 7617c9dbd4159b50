using System.Globalization;
using FastEndpoints;
using FluentValidation;
using PenguinMails.Billing.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>
/// GET /usage: how much of its plan the tenant uses. For an earlier month: only what is counted by month, beside what the plan allows now.
/// </summary>
internal static class GetUsage
{
    internal sealed record Request
    {
        /// <summary>A month (UTC) such as <c>2026-10</c>. Absent: the current one.</summary>
        [QueryParam]
        public string? Period { get; init; }

        public UsageMonth Month(DateTimeOffset now) => Period is null ? UsageMonth.Of(now) : new UsageMonth(Parse(Period)!.Value);

        public static DateOnly? Parse(string text) =>
            DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first) && first.Year >= 2000 ? first : null;
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator(TimeProvider clock) => RuleFor(request => request.Period)
            .Must(period => period is null || Request.Parse(period) is { } first && first <= UsageMonth.Of(clock.GetUtcNow()).First)
            .WithMessage("'period' is a month such as 2026-10, and not one to come.");
    }

    /// <param name="Metric">Such as <c>emails_per_month</c>; <c>storage</c> is in bytes.</param>
    /// <param name="Allowed">Of plan and add-ons together; null is unlimited.</param>
    /// <param name="Percent">With one decimal, rounded down; null where unlimited.</param>
    internal sealed record Item(string Metric, long Used, long? Allowed, decimal? Percent);

    /// <param name="Plan">The plan's slug; null without a subscription.</param>
    /// <param name="Features">Those that the plan has, such as <c>advanced_analytics</c>.</param>
    internal sealed record Response(string Period, string? Plan, IReadOnlyList<string> Features, IReadOnlyList<Item> Metrics);

    internal sealed class Endpoint(BillingDb db, TenantUsage usage, TimeProvider clock) : Endpoint<Request, Response>
    {
        public override void Configure()
        {
            Get("/usage");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            var month = request.Month(now);
            var current = await db.CurrentSubscriptionAsync(ct);
            var metrics = (await usage.BesideAsync(current, month, ct)).Where(metric => month == UsageMonth.Of(now) || metric.Limit.IsByMonth());
            return new Response(
                month.First.ToString("yyyy-MM", CultureInfo.InvariantCulture),
                current?.Plan.Slug,
                [.. Enum.GetValues<PlanFeature>().Where(feature => current?.Plan.Has(feature) == true).Select(SnakeCase.Of)],
                [.. metrics.Select(metric => new Item(SnakeCase.Of(metric.Limit), metric.Used, metric.Allowed, metric.Percent))]);
        }
    }
}
