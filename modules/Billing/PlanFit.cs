using System.Text.Json;
using Microsoft.Extensions.Options;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing;

/// <summary>Whether what the current tenant has would fit into a plan. What is counted by month begins anew with it, and keeps nobody.</summary>
internal sealed class PlanFit(TenantUsage usage, IOptions<BillingOptions> options)
{
    /// <param name="only">The limit that is looked at, also if it is by month; absent: all others.</param>
    /// <returns>What is too much, by limit; empty where it fits.</returns>
    public async Task<Dictionary<string, string[]>> RefusalsAsync(Subscription subscription, Plan plan, CancellationToken ct, PlanLimit? only = null)
    {
        var used = await usage.NowAsync(ct);
        return used.Where(limit => only is null ? !limit.Key.IsByMonth() : limit.Key == only)
            .Select(limit => (limit.Key, Used: limit.Value, Allowed: subscription.AllowedOn(plan, limit.Key, options.Value)))
            .Where(limit => limit.Used > limit.Allowed)
            .ToDictionary(
                limit => JsonNamingPolicy.CamelCase.ConvertName(limit.Key.ToString()),
                limit => new[] { $"The plan {plan.Name} allows {limit.Key.InWords(limit.Allowed!.Value)}. There are {limit.Used}." });
    }
}
