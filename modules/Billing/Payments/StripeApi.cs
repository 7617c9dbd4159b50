using System.Net;
using Microsoft.Extensions.Options;
using PenguinMails.Shared.Http;
using Stripe;

namespace PenguinMails.Billing.Payments;

/// <summary>Stripe.net's client, whose faults become ours: what it refuses is an answer, and away is 503.</summary>
internal sealed class StripeApi(IOptions<StripeOptions> options) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(options.Value.TimeoutSeconds),
    };

    private StripeClient? _client;

    private StripeClient Client => _client ??= new StripeClient(new StripeClientOptions
    {
        ApiKey = options.Value.ApiKey,
        ApiBase = options.Value.ApiBase.ToString().TrimEnd('/'),
        // It repeats requests by itself where that may help, under one idempotency key.
        HttpClient = new SystemNetHttpClient(_http, maxNetworkRetries: 2, enableTelemetry: false),
    });

    /// <summary>Asks for something.</summary>
    /// <exception cref="ConflictException">Stripe refuses it, with what it says of it.</exception>
    /// <exception cref="ServiceAwayException">Stripe does not answer, or not as it should.</exception>
    public async Task<T> AskAsync<T>(Func<V1Services, Task<T>> ask)
    {
        try
        {
            return await ask(Client.V1);
        }
        catch (StripeException exception) when (IsAway(exception))
        {
            throw Away(exception);
        }
        catch (StripeException exception)
        {
            throw new ConflictException(exception.StripeError?.Message ?? exception.Message, exception);
        }
        catch (HttpRequestException exception)
        {
            throw Away(exception);
        }
        catch (TaskCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            throw Away(exception);
        }
    }

    /// <summary>Asks for something that costs money, or gives it back.</summary>
    /// <returns>Why Stripe refuses, for people; null where it did it.</returns>
    public async Task<string?> TryAsync(Func<V1Services, Task> ask)
    {
        try
        {
            return await AskAsync<string?>(async stripe =>
            {
                await ask(stripe);
                return null;
            });
        }
        catch (ConflictException refused)
        {
            return refused.Message;
        }
    }

    /// <summary>When Stripe gave an answer, by its own clock.</summary>
    public static DateTimeOffset TimeOf(StripeEntity answer) => answer.StripeResponse.Date
        ?? throw new ServiceAwayException("Payments cannot be made at the moment.", "Stripe's answer has no date.");

    public void Dispose() => _http.Dispose();

    private static bool IsAway(StripeException exception) =>
        exception.HttpStatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or >= HttpStatusCode.InternalServerError
        || (exception.StripeError is null && exception.HttpStatusCode == 0);

    private static ServiceAwayException Away(Exception exception) =>
        new("Payments cannot be made at the moment.", $"Stripe did not answer as it should: {exception.Message}", exception);
}
