using MediatR;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mail;

namespace PenguinMails.Infrastructure.Features;

internal sealed class GetMailboxLimitsHandler(InfrastructureDb db, TimeProvider clock) : IRequestHandler<GetMailboxLimits, IReadOnlyList<MailboxLimit>>
{
    public async Task<IReadOnlyList<MailboxLimit>> Handle(GetMailboxLimits request, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return [.. (await MailboxBudget.ReadAsync(db, request.Ids, now, ct)).Select(mailbox => new MailboxLimit(mailbox.Id, mailbox.LimitAt(now), mailbox.Used))];
    }
}
