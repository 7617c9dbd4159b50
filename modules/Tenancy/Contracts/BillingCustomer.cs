using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Who the current tenant is to the payment provider.</summary>
public sealed record GetBillingCustomer : IRequest<BillingCustomer>;

/// <param name="Name">The tenant's.</param>
/// <param name="Email">Where invoices go; null where the tenant has not said.</param>
/// <param name="StripeCustomerId">Null before it first pays through Stripe.</param>
public sealed record BillingCustomer(string Name, string? Email, string? StripeCustomerId);

/// <summary>Keeps Stripe's id of the current tenant.</summary>
public sealed record SetStripeCustomer(string StripeCustomerId) : IRequest;

/// <summary>The tenant that has Stripe's id; null where none has. For what Stripe tells of its own accord.</summary>
public sealed record FindTenantOfCustomer(string StripeCustomerId) : IRequest<Guid?>;
