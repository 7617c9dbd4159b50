using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace PenguinMails.Tests.Infrastructure.Servers;

/// <summary>A server on the loopback address that does what a test tells it to, such as to garble, to refuse or to be silent.</summary>
internal sealed class MailDouble : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public MailDouble(Func<Talk, Task> serve)
    {
        _listener.Start();
        _accepting = AcceptAsync(serve);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Each connection that came.</summary>
    public ConcurrentQueue<Talk> Talks { get; } = [];

    /// <summary>An IMAP server.</summary>
    /// <param name="logIn">The answer to a log-in, such as <c>NO</c>; null hangs up instead.</param>
    public static MailDouble Imap(string? logIn = "OK done", X509Certificate2? certificate = null) => new(async talk =>
    {
        await talk.SayAsync("* OK ready");
        while (await talk.HearAsync() is { } line)
        {
            var (tag, verb) = (line.Split(' ')[0], line.Split(' ')[1].ToUpperInvariant());
            if (verb == "LOGIN" && logIn is null)
            {
                return;
            }

            await talk.SayAsync(verb switch
            {
                "CAPABILITY" => $"* CAPABILITY IMAP4rev1{(certificate is null ? "" : " STARTTLS")}\r\n{tag} OK done",
                "LOGIN" => $"{tag} {logIn}",
                "LOGOUT" => $"* BYE\r\n{tag} OK done",
                _ => $"{tag} OK done",
            });
            if (verb == "STARTTLS")
            {
                await talk.EncryptAsync(certificate!);
            }
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        foreach (var talk in Talks)
        {
            talk.Dispose();
        }

        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<Talk, Task> serve)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var talk = new Talk(await _listener.AcceptTcpClientAsync(_stop.Token));
                Talks.Enqueue(talk);
                _ = ServeAsync(talk, serve);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // It has been disposed of, or the client has left.
            }
        }
    }

    private static async Task ServeAsync(Talk talk, Func<Talk, Task> serve)
    {
        try
        {
            await serve(talk);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // The client has left.
        }

        talk.Dispose();
    }
}

/// <summary>A conversation with one client.</summary>
internal sealed class Talk(TcpClient client) : IDisposable
{
    private Stream _stream = client.GetStream();

    public ConcurrentQueue<string> Heard { get; } = [];

    public async Task SayAsync(string lines) => await _stream.WriteAsync(Encoding.UTF8.GetBytes($"{lines}\r\n"));

    public async Task<string?> HearAsync()
    {
        var line = new List<byte>();
        var letter = new byte[1];
        while (await _stream.ReadAsync(letter) == 1)
        {
            if (letter[0] == '\n')
            {
                var text = Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                Heard.Enqueue(text);
                return text;
            }

            line.Add(letter[0]);
        }

        return null;
    }

    public async Task EncryptAsync(X509Certificate2 certificate)
    {
        var encrypted = new SslStream(_stream);
        await encrypted.AuthenticateAsServerAsync(certificate);
        _stream = encrypted;
    }

    /// <summary>Says nothing until the client leaves.</summary>
    public async Task BeSilentAsync()
    {
        while (await HearAsync() is not null)
        {
        }
    }

    public void Dispose() => client.Dispose();
}
