using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using MimeKit;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>What became of a test message.</summary>
/// <param name="Result">Null: the mailbox may not send now.</param>
/// <param name="Reply">The server's, or why not.</param>
internal sealed record TestOutcome(SendResult? Result, string Reply);

/// <summary>Sends test messages, which count as a campaign's do: they use the same quota, days and reputation.</summary>
internal sealed class TestDelivery(ISender modules, TestMessages messages, DeliveryTally tally)
{
    /// <summary>Whether nothing may be sent at all, or not there.</summary>
    /// <param name="to">Normalised.</param>
    public async Task<ProblemHttpResult?> RefuseAsync(string to, CancellationToken ct)
    {
        if (await modules.Send(new GetSendingPermission(), ct) is { MaySend: false } permission)
        {
            return permission.ToProblem();
        }

        return await messages.MayGoToAsync(to, ct)
            ? null
            : Problems.Unprocessable("to", "A test goes to your own verified address or to one at a verified domain of yours.");
    }

    public static ProblemHttpResult? RefuseMailbox(MailboxDetails mailbox) =>
        mailbox.Usable ? null : Problems.Unprocessable("emailAccountId", mailbox.Problem!);

    public async Task<TestOutcome> SendAsync(Guid mailbox, string to, MimeMessage message, CancellationToken ct)
    {
        var reservation = await modules.Send(new ReserveEmails(1), ct);
        if (reservation.Granted == 0)
        {
            return new TestOutcome(null, DeliveryTally.UsedUp);
        }

        try
        {
            var turns = await modules.Send(new ReserveSend(mailbox, MinGapSeconds: 0, [EmailAddress.DomainOf(to)]), ct);
            if (turns is not [{ Granted: true } turn])
            {
                return new TestOutcome(null, turns[0].Reason!);
            }

            var outcome = await modules.Send(new SendMail(mailbox, message, turn.SmtpIpAddressId), ct);
            // It was sent, whatever becomes of the request.
            await tally.CountAsync(outcome.Result, mailbox, turn.SmtpIpAddressId, to, reservation.Id, CancellationToken.None);
            return new TestOutcome(outcome.Result, outcome.Reply);
        }
        finally
        {
            await tally.EndAsync(reservation.Id);
        }
    }
}
