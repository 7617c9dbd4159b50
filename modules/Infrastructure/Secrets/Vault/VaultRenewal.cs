using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>Keeps the host's token of Vault alive also while nobody reads a secret, and tells staff when that cannot be done.</summary>
internal sealed class VaultRenewal(VaultTokens tokens, IServiceScopeFactory scopes, TimeProvider clock, ILogger<VaultRenewal> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Notice = TimeSpan.FromDays(3);

    /// <summary>One look at the token.</summary>
    public async Task KeepAsync(CancellationToken ct)
    {
        try
        {
            await tokens.CurrentAsync(ct);
        }
        catch (SecretStoreException exception)
        {
            log.LogWarning(exception, "The token of Vault could not be renewed.");
            await TellAsync("Vault does not give the platform a token", $"{exception.Message} Secrets cannot be read.", "error", ct);
            return;
        }

        if (tokens.EndsForGood is { } ends && ends - clock.GetUtcNow() < Notice)
        {
            await TellAsync("The token of Vault ends", $"It ends at {ends:u} and cannot be renewed: configure another one.", "warning", ct);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await KeepAsync(ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                log.LogError(exception, "Staff were not told of the trouble with Vault's token.");
            }
        }
        while (await timer.WaitForNextTickAsync(ct));
    }

    private async Task TellAsync(string title, string message, string severity, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISender>().Send(
            new RaiseNotification("secret_store", title, message, severity, "vault_token", TenantId: null) { AutoResolveAfter = TimeSpan.FromHours(1) }, ct);
    }
}
