using MediatR;

namespace PenguinMails.Tenancy.Contracts;

/// <summary>
/// An account whose time of grace is over is about to be anonymised: whoever keeps more about the person takes it out. May come again
/// when that failed.
/// </summary>
public sealed record AccountDeleting(Guid UserId) : INotification;
