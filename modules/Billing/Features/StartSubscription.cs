using MediatR;
using Microsoft.Extensions.Logging;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>A new tenant starts on the default plan.</summary>
internal sealed class StartSubscription(FirstSubscription first, ILogger<StartSubscription> log) : INotificationHandler<TenantSignedUp>
{
    public async Task Handle(TenantSignedUp signedUp, CancellationToken ct)
    {
        try
        {
            await first.StartAsync(ct);
        }
        catch (Exception exception)
        {
            // The tenant exists already, so signing up has not failed; the job for missing subscriptions tries again.
            log.LogError(exception, "No subscription was started for tenant {TenantId}.", signedUp.TenantId);
        }
    }
}
