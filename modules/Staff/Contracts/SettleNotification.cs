using MediatR;

namespace PenguinMails.Staff.Contracts;

/// <summary>Settles the open notification of a matter, which is over by itself; where there is none, nothing is done.</summary>
/// <param name="DedupKey">As it was raised with.</param>
/// <param name="TenantId">As it was raised with.</param>
/// <param name="Notes">For people: how it came to an end; at most 500 characters.</param>
public sealed record SettleNotification(string DedupKey, Guid? TenantId, string Notes) : IRequest;
