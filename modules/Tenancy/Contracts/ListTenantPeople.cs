using MediatR;
using PenguinMails.Shared.Http;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>The people of any tenant, newest first, for staff. What is personal in it is the caller's to leave out.</summary>
public sealed record ListTenantPeople(Guid TenantId, IPageRequest Page) : IRequest<Page<TenantPerson>>;

/// <param name="Roles">Empty while an administrator has yet to approve.</param>
/// <param name="IsVerified">Whether the address is.</param>
public sealed record TenantPerson(Guid UserId, string? Email, string? Name, string[] Roles, bool IsVerified, DateTimeOffset Created);
