using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Timeout;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>
/// Hostwinds' cloud API as a wire: one URL, a form with the action and the key, JSON back. Readings are repeated where that may help;
/// what changes something is asked once.
/// </summary>
internal sealed class HostwindsApi(IOptions<HostwindsOptions> options, TimeProvider clock) : IDisposable
{
    private const int LargestAnswer = 16 * 1024 * 1024;
    private const int Repetitions = 3;

    // A longer wait is the next run's.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private readonly HttpClient _reads = Client(
        new ResilienceHandler(Reading(options.Value)) { InnerHandler = Wire() }, TimeSpan.FromSeconds((Repetitions + 2) * options.Value.TimeoutSeconds));
    private readonly HttpClient _changes = Client(Wire(), TimeSpan.FromSeconds(options.Value.TimeoutSeconds));
    private long _notBeforeTicks;

    /// <summary>Asks for something that changes nothing.</summary>
    public Task<JsonElement> ReadAsync(string action, CancellationToken ct) => AskAsync(_reads, action, [], ct);

    /// <summary>Asks for something to be done.</summary>
    public Task<JsonElement> ChangeAsync(string action, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken ct) =>
        AskAsync(_changes, action, fields, ct);

    public void Dispose()
    {
        _reads.Dispose();
        _changes.Dispose();
    }

    private async Task<JsonElement> AskAsync(
        HttpClient http, string action, IEnumerable<KeyValuePair<string, string>> fields, CancellationToken ct)
    {
        var notBefore = new DateTimeOffset(Volatile.Read(ref _notBeforeTicks), TimeSpan.Zero);
        if (clock.GetUtcNow() < notBefore)
        {
            throw Fault($"Hostwinds asked for no more requests before {notBefore:u}.", isUndone: true);
        }

        try
        {
            using var form = new FormUrlEncodedContent([new("action", action), new("API", options.Value.ApiKey!), .. fields]);
            using var response = await http.PostAsync(options.Value.Url, form, ct);
            ThrowIfRefused(response);
            return HostwindsAnswer.Parse(await response.Content.ReadAsStringAsync(ct), (message, isUndone) => Fault(message, isUndone));
        }
        catch (Exception exception) when (exception is TimeoutRejectedException || (exception is TaskCanceledException && !ct.IsCancellationRequested))
        {
            throw Fault($"Hostwinds did not answer within {options.Value.TimeoutSeconds} s.", isUndone: false, exception);
        }
        catch (HttpRequestException exception)
        {
            var isUnsent = exception.HttpRequestError
                is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;
            throw Fault($"Hostwinds could not be reached: {exception.Message}", isUnsent, exception);
        }
    }

    private void ThrowIfRefused(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.TooManyRequests)
        {
            Volatile.Write(ref _notBeforeTicks, (clock.GetUtcNow() + (WaitOf(response) ?? TimeSpan.Zero)).UtcTicks);
            throw Fault("Hostwinds asked for fewer requests.", isUndone: true);
        }

        if (!response.IsSuccessStatusCode)
        {
            throw response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden
                ? Fault("Hostwinds refused the API key.", isUndone: true)
                : Fault($"Hostwinds answered {status}.", isUndone: status is >= 300 and < 500);
        }
    }

    // The provider's own words may repeat what it was sent.
    private ServerProviderException Fault(string message, bool isUndone, Exception? inner = null) =>
        new(message.Replace(options.Value.ApiKey!, "***", StringComparison.Ordinal), isUndone, inner);

    private TimeSpan? WaitOf(HttpResponseMessage response) =>
        response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - clock.GetUtcNow() : null;

    // Of its own handler, not of the factory's: the host's defaults know nothing of which POST may be repeated.
    private static SocketsHttpHandler Wire() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };

    // The client's own timeout counts until the last byte, where a handler's ends with the headers.
    private static HttpClient Client(HttpMessageHandler handler, TimeSpan timeout) =>
        new(handler) { Timeout = timeout, MaxResponseContentBufferSize = LargestAnswer };

    private static ResiliencePipeline<HttpResponseMessage> Reading(HostwindsOptions options) =>
        new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = Repetitions,
                Delay = TimeSpan.FromMilliseconds(options.RetryMilliseconds),
                ShouldHandle = retry => new(HttpClientResiliencePredicates.IsTransient(retry.Outcome) && !AsksForLongWait(retry.Outcome.Result)),
            })
            .AddTimeout(TimeSpan.FromSeconds(options.TimeoutSeconds))
            .Build();

    private static bool AsksForLongWait(HttpResponseMessage? response) =>
        response?.Headers.RetryAfter is { } after && (after.Date is not null || after.Delta > LongestWait);
}
