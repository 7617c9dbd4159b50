using MediatR;
using PenguinMails.Shared.Http;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>A tenant as staff see it, whichever it is; null when there is none of that id.</summary>
public sealed record GetTenantDetails(Guid TenantId) : IRequest<TenantDetails?>;

/// <summary>The tenants that staff look for, newest first.</summary>
/// <param name="Search">The beginning of the name, a whole id or an owner's whole address; absent: all of them.</param>
public sealed record FindTenants(string? Search, IPageRequest Page) : IRequest<Page<TenantDetails>>;

/// <param name="Deleted">Since when nobody gets in.</param>
/// <param name="DeleteAfter">When it is purged; null where that is not due, or done.</param>
/// <param name="Members">How many people it has.</param>
public sealed record TenantDetails(
    Guid Id, string? Name, DateTimeOffset Created, DateTimeOffset? Suspended, string? SuspensionReason, DateTimeOffset? Deleted,
    DateTimeOffset? DeleteAfter, int Members);
