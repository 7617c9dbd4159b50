using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>Registers the client of Vault.</summary>
internal static class VaultServices
{
    private const int Retries = 3;
    private static readonly TimeSpan Pauses = TimeSpan.FromSeconds(10);

    public static void AddVault(this IServiceCollection services)
    {
        var client = services.AddHttpClient(VaultApi.Client, Configure)
            // A redirect would carry the token to wherever it leads.
            .UseSocketsHttpHandler((handler, _) => (handler.AllowAutoRedirect, handler.UseCookies) = (false, false))
            // Headers are redacted in the text of a log record, and not in the values beside it, which OpenTelemetry exports.
            .RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // In place of the defaults of all clients, which retry no POST.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        client.AddResilienceHandler(VaultApi.Client, (pipeline, context) => pipeline
            .AddRetry(new HttpRetryStrategyOptions
            {
                // A value that is written twice is one more version of it.
                ShouldHandle = static args => ValueTask.FromResult(IsPassing(args.Outcome)),
                MaxRetryAttempts = Retries,
                Delay = TimeSpan.FromMilliseconds(200),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddTimeout(Patience(context.ServiceProvider)));
        services.AddSingleton<VaultApi>();
        services.AddSingleton<VaultTokens>();
        services.AddSingleton<VaultStore>();
        services.AddSingleton<VaultSaving>();
        services.AddSingleton<VaultRenewal>();
        services.AddHostedService(provider => provider.GetRequiredService<VaultRenewal>());
        services.AddHealthChecks().AddCheck<VaultHealthCheck>("vault", HealthStatus.Degraded, timeout: TimeSpan.FromSeconds(3));
    }

    private static void Configure(IServiceProvider services, HttpClient client)
    {
        var vault = services.GetRequiredService<IOptions<VaultOptions>>().Value;
        client.BaseAddress = new Uri($"{vault.Address!.ToString().TrimEnd('/')}/");
        // All attempts, and the pauses between them.
        client.Timeout = Patience(services) * (Retries + 1) + Pauses;
        client.MaxResponseContentBufferSize = 1024 * 1024;
        // Agents and proxies of Vault want to see it: no browser can be made to send it.
        client.DefaultRequestHeaders.Add("X-Vault-Request", "true");
        if (vault.Namespace is not null)
        {
            client.DefaultRequestHeaders.Add("X-Vault-Namespace", vault.Namespace);
        }
    }

    // 412: a replica that has yet to catch up. Sealed and standby are among 5xx.
    private static bool IsPassing(Outcome<HttpResponseMessage> outcome) =>
        HttpClientResiliencePredicates.IsTransient(outcome) || outcome.Result?.StatusCode == HttpStatusCode.PreconditionFailed;

    private static TimeSpan Patience(IServiceProvider services) =>
        TimeSpan.FromSeconds(services.GetRequiredService<IOptions<VaultOptions>>().Value.TimeoutSeconds);
}
