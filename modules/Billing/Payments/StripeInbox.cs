using MediatR;
using Microsoft.Extensions.Logging;
using PenguinMails.Staff.Contracts;
using Stripe;

namespace PenguinMails.Billing.Payments;

/// <summary>
/// Applies events that are kept. Which are applied twice, by two hosts or after a crash, does no harm: an event says how something stood at
/// a time, and what is older than what is known changes nothing.
/// </summary>
internal sealed class StripeInbox(StripeEvents events, StripeSync sync, ISender modules, ILogger<StripeInbox> log)
{
    /// <summary>Applies an event that waits. What fails is kept with the event, and tried again by a job.</summary>
    /// <returns>Why it failed; null where it did not.</returns>
    public async Task<string?> ApplyAsync(string id, CancellationToken ct)
    {
        if (await events.PayloadAsync(id, ct) is not { } json)
        {
            return null;
        }

        try
        {
            var remark = await sync.ApplyAsync(EventUtility.ConstructEventWithoutVerification(json, throwOnApiVersionMismatch: false), ct);
            await events.SettleAsync(id, remark, ct);
            return null;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            log.LogWarning(exception, "Stripe's event {EventId} was not applied.", id);
            var failure = $"{exception.GetType().Name}: {exception.Message}";
            if (await events.FailAsync(id, failure, ct) == StripeEvents.MostAttempts)
            {
                await modules.Send(
                    new RaiseNotification(
                        "billing", "An event of Stripe's cannot be applied", $"Event {id} has failed {StripeEvents.MostAttempts} times; it can be replayed.", "high",
                        $"stripe_event:{id}", null), ct);
            }

            return failure;
        }
    }
}
