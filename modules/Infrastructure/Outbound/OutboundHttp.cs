using System.Net;
using System.Net.Sockets;

namespace PenguinMails.Infrastructure.Outbound;

/// <summary>
/// The one way to fetch URLs that tenants name. Each connection, also that of a redirect, goes through the dialer; nothing of
/// the platform's goes along: no credentials, cookies or trace ids. A redirect from https to http is not followed: its answer is the result.
/// </summary>
internal sealed class OutboundHttp : IDisposable
{
    private const int MostRedirects = 5;
    private const int LongestAnswer = 1024 * 1024;
    private const int LongestHeadersKilobytes = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly OutboundDialer _dialer;

    public OutboundHttp(OutboundDialer dialer)
    {
        _dialer = dialer;
        Client = new HttpClient(new Redirects(Handler())) { Timeout = Patience, MaxResponseContentBufferSize = LongestAnswer };
    }

    /// <summary>Answers are buffered; one that is longer than a MiB, or takes longer than 15 seconds, is an exception.</summary>
    public HttpClient Client { get; }

    public void Dispose() => Client.Dispose();

    private SocketsHttpHandler Handler() => new()
    {
        ConnectCallback = ConnectAsync,
        // A proxy would dial in our place, and judge nothing.
        UseProxy = false,
        MaxAutomaticRedirections = MostRedirects,
        UseCookies = false,
        // Compressed, a short answer could be a long one.
        AutomaticDecompression = DecompressionMethods.None,
        MaxResponseHeadersLength = LongestHeadersKilobytes,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    };

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var dialled = await _dialer.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, ct);
        return dialled.Socket is { } socket
            ? new NetworkStream(socket, ownsSocket: true)
            : throw new HttpRequestException(HttpRequestError.ConnectionError, dialled.Problem);
    }

    // Where a redirect leads to no web address, the handler fails as if we had named it.
    private sealed class Redirects(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            try
            {
                return await base.SendAsync(request, ct);
            }
            catch (Exception exception) when (exception is UriFormatException or NotSupportedException)
            {
                throw new HttpRequestException("The server redirects to what is no web address.", exception);
            }
        }
    }
}
