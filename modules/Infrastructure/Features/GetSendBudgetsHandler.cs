using MediatR;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mail;

namespace PenguinMails.Infrastructure.Features;

internal sealed class GetSendBudgetsHandler(InfrastructureDb db, TimeProvider clock) : IRequestHandler<GetSendBudgets, IReadOnlyList<SendBudget>>
{
    public async Task<IReadOnlyList<SendBudget>> Handle(GetSendBudgets request, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return [.. (await MailboxBudget.ReadAsync(db, request.EmailAccountIds, now, ct)).Select(mailbox => mailbox.Forecast(request.MinGapSeconds, now))];
    }
}
