using System.Net;
using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>Somebody tried to log in.</summary>
/// <param name="UserId">Null where the address has no account.</param>
/// <param name="TenantId">The tenant that was entered; null on failure.</param>
/// <param name="Failure">Null on success.</param>
public sealed record LoginAttempted(Guid? UserId, Guid? TenantId, IPAddress? Address, string? UserAgent, string? Failure) : INotification;
