using MediatR;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Access;

internal sealed class AccessChangedHandler(AccessChanges changes) : INotificationHandler<AccessChanged>
{
    public Task Handle(AccessChanged changed, CancellationToken ct) => changes.TellAsync(changed.Subject);
}
