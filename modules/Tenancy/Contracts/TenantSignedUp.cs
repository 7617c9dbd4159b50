using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>A tenant exists, with its owner and first company. Published after the commit, within the new tenant's scope.</summary>
public sealed record TenantSignedUp(Guid TenantId, Guid OwnerId) : INotification;
