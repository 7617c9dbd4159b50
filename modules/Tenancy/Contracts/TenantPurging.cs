using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>
/// A deleted tenant's rows are about to be deleted, in its scope; whoever keeps some for the law takes out what is personal. May come
/// again when the purge failed.
/// </summary>
public sealed record TenantPurging(Guid TenantId) : INotification;
