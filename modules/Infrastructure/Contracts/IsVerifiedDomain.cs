using MediatR;

namespace PenguinMails.Infrastructure.Contracts;

/// <summary>Whether this is one of the current tenant's domains and is verified now.</summary>
/// <param name="Name">In whatever case; ASCII or Unicode.</param>
public sealed record IsVerifiedDomain(string Name) : IRequest<bool>;
