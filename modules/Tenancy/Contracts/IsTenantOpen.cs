using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Whether the current tenant is neither suspended nor deleted: work in the background stops where it is not.</summary>
public sealed record IsTenantOpen : IRequest<bool>;
