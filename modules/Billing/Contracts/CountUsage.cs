using MediatR;

namespace PenguinMails.Billing.Contracts;

/// <summary>Adds to what the current tenant has used this month (UTC). Any number of hosts may count at once.</summary>
/// <param name="Metric">One of <see cref="UsageMetrics"/>.</param>
/// <param name="Amount">How many more; not negative.</param>
public sealed record CountUsage(string Metric, long Amount) : IRequest;
