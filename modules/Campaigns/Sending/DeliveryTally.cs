using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Counts what was sent: of a batch all at once, since rows that every message counts up would make them queue.</summary>
internal sealed class DeliveryTally(CampaignsDb db, ISender modules, TimeProvider clock)
{
    /// <summary>Why nothing is sent, for people.</summary>
    public const string UsedUp = "The plan's e-mails of this month are used up.";

    /// <param name="reservation">Of the month's messages, which ends by this.</param>
    public async Task CountAsync(IReadOnlyList<(Draft Draft, SendResult Result)> results, Guid reservation, CancellationToken ct)
    {
        var accepted = results.Where(one => one.Result == SendResult.Accepted).ToList();
        try
        {
            // Reputation first: brakes and addresses depend on it.
            await modules.Send(new RecordDeliveries([.. results
                .SelectMany(one => KindsOf(one.Result).Select(kind => (one.Draft.Mailbox.Id, one.Draft.SmtpIpAddressId, one.Draft.RecipientDomain, kind)))
                .CountBy(one => one).Select(group => new Delivery(group.Key.Id, group.Key.SmtpIpAddressId, group.Key.RecipientDomain, group.Key.kind, group.Value))]), ct);
            foreach (var step in accepted.CountBy(one => one.Draft.Step.Id).OrderBy(step => step.Key))
            {
                await db.Steps.Where(row => row.Id == step.Key).ExecuteUpdateAsync(row => row
                    .SetProperty(counted => counted.ExecutedCount, counted => counted.ExecutedCount + step.Value)
                    .SetProperty(counted => counted.LastExecuted, clock.GetUtcNow()), ct);
            }
        }
        finally
        {
            // What was sent is of the month, whatever else fails to be counted.
            await modules.Send(new SettleEmails(reservation, accepted.Count), ct);
        }
    }

    /// <summary>Counts one message of no campaign: it uses the same quota, days and reputation.</summary>
    public async Task CountAsync(SendResult result, Guid mailbox, Guid? addressId, string to, Guid reservation, CancellationToken ct)
    {
        try
        {
            await modules.Send(new RecordDeliveries(
                [.. KindsOf(result).Select(kind => new Delivery(mailbox, addressId, EmailAddress.DomainOf(to), kind))]), ct);
        }
        finally
        {
            await modules.Send(new SettleEmails(reservation, result == SendResult.Accepted ? 1 : 0), ct);
        }
    }

    /// <summary>Ends a reservation, if it is not ended yet: nothing, or nothing more, was sent under it.</summary>
    public Task EndAsync(Guid reservation) => modules.Send(new SettleEmails(reservation, 0), CancellationToken.None);

    // What a result counts as.
    private static DeliveryKind[] KindsOf(SendResult result) => result switch
    {
        SendResult.Accepted => [DeliveryKind.Sent],
        SendResult.Rejected => [DeliveryKind.Sent, DeliveryKind.Bounced],
        SendResult.Deferred => [DeliveryKind.Deferred],
        _ => [],
    };
}
