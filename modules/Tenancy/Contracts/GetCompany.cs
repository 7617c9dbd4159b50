using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>One of the current tenant's companies, or null when there is none of that id.</summary>
public sealed record GetCompany(Guid CompanyId) : IRequest<CompanyDetails?>;

/// <summary>A company as other modules see it.</summary>
/// <param name="PostalAddress">For the footer of its mail; null until it is given.</param>
public sealed record CompanyDetails(Guid Id, string Name, string? PostalAddress);
