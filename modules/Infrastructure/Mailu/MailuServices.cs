using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;

namespace PenguinMails.Infrastructure.Mailu;

internal static class MailuServices
{
    private const int Repetitions = 3;

    // Whoever waits longer should rather be told.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public static void AddMailu(this IServiceCollection services)
    {
        var client = services.AddHttpClient<MailuApi>((provider, http) =>
        {
            var mailu = provider.GetRequiredService<IOptions<MailuOptions>>().Value;
            http.BaseAddress = mailu.ApiUrl is null ? null : new Uri($"{mailu.ApiUrl.ToString().TrimEnd('/')}/");
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", mailu.Token);
            // The pipeline below sets the limits.
            http.Timeout = Timeout.InfiniteTimeSpan;
            http.MaxResponseContentBufferSize = 1024 * 1024;
        });
        // A redirect would take the token elsewhere. Addresses in paths do not belong into the log.
        client.ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false }).RemoveAllLoggers();
#pragma warning disable EXTEXP0001 // The defaults repeat no POST; here each may be repeated.
        client.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        client.AddResilienceHandler("mailu", (pipeline, context) =>
        {
            var mailu = context.ServiceProvider.GetRequiredService<IOptions<MailuOptions>>().Value;
            pipeline
                .AddRetry(new HttpRetryStrategyOptions
                {
                    MaxRetryAttempts = Repetitions,
                    Delay = TimeSpan.FromMilliseconds(mailu.RetryMilliseconds),
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    ShouldHandle = attempt => ValueTask.FromResult(
                        HttpClientResiliencePredicates.IsTransient(attempt.Outcome) && !(attempt.Outcome.Result?.Headers.RetryAfter?.Delta > LongestWait)),
                })
                .AddTimeout(TimeSpan.FromSeconds(mailu.TimeoutSeconds));
        });
        services.AddTransient<MailuClient>();
    }
}
