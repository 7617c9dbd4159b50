using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>What to do with a message once its final dot is in. The bytes are unstuffed, and the handler may keep them.</summary>
internal delegate ValueTask<SmtpReply> SmtpMessageHandler(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken ct);

/// <summary>
/// Every stage can be given another answer, which is how a test makes a faulty server: null goes on as usual, and
/// <see cref="SmtpReply.Drop"/> hangs up without a word.
/// </summary>
internal sealed record MailSinkOptions
{
    /// <summary>Usually <see cref="Outbox.AcceptAsync"/>. What it throws becomes a 451.</summary>
    public required SmtpMessageHandler OnMessage { get; init; }

    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes a free port.</summary>
    public int Port { get; init; }
    public string HostName { get; init; } = "localhost";
    public int MaxMessageBytes { get; init; } = 25 * 1024 * 1024;
    public int MaxRecipients { get; init; } = 1000;

    /// <summary>Null: mail is taken without AUTH, and AUTH takes any password.</summary>
    public SmtpLogin? Login { get; init; }

    public Func<SmtpReply?>? OnConnect { get; init; }
    public Func<string, SmtpReply?>? OnSender { get; init; }
    public Func<string, SmtpReply?>? OnRecipient { get; init; }

    /// <summary>In place of 354. <see cref="SmtpReply.DropInBody"/> hangs up between 354 and the final dot.</summary>
    public Func<SmtpEnvelope, SmtpReply?>? OnData { get; init; }
}

/// <summary>An SMTP server on the loopback address, for the embedded build and for tests: it delivers nothing.</summary>
internal sealed class MailSink : IAsyncDisposable
{
    private readonly MailSinkOptions options;
    private readonly ILogger log;
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<Task, bool> sessions = new();
    private readonly Task accepting;

    private MailSink(MailSinkOptions options, ILogger log)
    {
        (this.options, this.log) = (options, log);
        try
        {
            listener.Bind(new IPEndPoint(options.Address, options.Port));
            listener.Listen();
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }

        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        accepting = AcceptAsync(stop.Token);
    }

    public int Port { get; }

    /// <summary>How many clients are connected.</summary>
    public int Connections => sessions.Count;

    public static MailSink Start(MailSinkOptions options, ILogger<MailSink>? log = null) => new(options, log ?? NullLogger<MailSink>.Instance);

    public async ValueTask DisposeAsync()
    {
        if (stop.IsCancellationRequested)
        {
            return;
        }

        await stop.CancelAsync();
        listener.Dispose();
        await accepting;
        await Task.WhenAll(sessions.Keys);
        stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var session = ServeAsync(await listener.AcceptAsync(ct), ct);
                sessions.TryAdd(session, true);
                _ = session.ContinueWith(done => sessions.TryRemove(done, out _), CancellationToken.None, default, TaskScheduler.Default);
            }
            catch (Exception e) when (ct.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException e)
            {
                // A client that left the queue, or no file handle to spare: neither may end the server.
                log.LogWarning(e, "The mail sink could not take a connection.");
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken ct)
    {
        // A client that never pauses must not hold up the next one's welcome.
        await Task.Yield();
        try
        {
            socket.NoDelay = true;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            await new SmtpSession(new SmtpWire(stream), options, log).RunAsync(ct);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            log.LogDebug(e, "An SMTP client left without QUIT.");
        }
        catch (Exception e)
        {
            log.LogError(e, "An SMTP session failed.");
            socket.Dispose();
        }
    }
}
