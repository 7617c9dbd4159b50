using MediatR;

namespace PenguinMails.Staff.Contracts;

/// <summary>The platform's open notifications on a matter, for staff: those whose dedup key begins so.</summary>
/// <param name="DedupKeyPrefix">Such as <c>pool_optimization:</c>.</param>
public sealed record GetOpenNotifications(string DedupKeyPrefix) : IRequest<IReadOnlyList<OpenNotification>>;

/// <param name="Metadata">JSON, as whoever raised it wrote it.</param>
public sealed record OpenNotification(string DedupKey, string Message, string? Metadata, DateTimeOffset LastOccurrence);
