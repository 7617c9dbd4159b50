using MediatR;

namespace PenguinMails.Billing.Contracts;

/// <summary>How a tenant's subscription stands has changed: a payment failed for good or came after all, it was canceled, or began anew.</summary>
/// <param name="IsInForce">Whether it gives what its plan promises now; a late payment has its days of grace.</param>
public sealed record SubscriptionChanged(Guid TenantId, bool IsInForce) : INotification;
