using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>What the current tenant's plan says of its API. Answered by Billing.</summary>
public sealed record GetApiAccess : IRequest<ApiAccess>;

/// <param name="Plan">The plan's name, for people.</param>
/// <param name="KeysAllowed">Whether programs may use API keys.</param>
/// <param name="RequestsPerMinute">Of all the tenant's people and programs together; null is unlimited.</param>
public sealed record ApiAccess(string Plan, bool KeysAllowed, int? RequestsPerMinute);
