using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Billing.Jobs;

/// <summary>Applies the events that failed, or whose host went away before it had applied them; forgets those that are long done with.</summary>
internal sealed class ApplyStripeEvents(StripeEvents events, IServiceScopeFactory scopes) : IRecurringJob
{
    public const string Id = "billing.stripe-events";

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var id in await events.DueAsync(ct))
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<StripeInbox>().ApplyAsync(id, ct);
        }

        await events.ForgetAsync(Kept, ct);
    }
}
