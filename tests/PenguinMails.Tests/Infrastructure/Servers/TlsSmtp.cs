using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace PenguinMails.Tests.Infrastructure.Servers;

/// <summary>A port that nobody listens at, at the moment.</summary>
internal static class Ports
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>An SMTP server with a certificate, not of our own making: STARTTLS, or TLS from the start. It lets nobody log in without.</summary>
internal sealed class TlsSmtp : IAsyncDisposable
{
    public const string User = "someone";

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public TlsSmtp(X509Certificate2 certificate, bool fromTheStart)
    {
        Port = Ports.Free();
        var options = new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint => endpoint
            .Endpoint(new IPEndPoint(IPAddress.Loopback, Port)).IsSecure(fromTheStart).Certificate(certificate)
            .AllowUnsecureAuthentication(false).AuthenticationRequired()).Build();
        var services = new ServiceProvider();
        services.Add(new Store(this));
        services.Add(new Door(this));
        _serving = new SmtpServer.SmtpServer(options, services).StartAsync(_stop.Token);
    }

    public int Port { get; }

    /// <summary>The one that opens, which a test may change.</summary>
    public string Password { get; set; } = "smtp-password-1";

    /// <summary>Each message that was taken, as text; and how often somebody has logged in.</summary>
    public ConcurrentQueue<string> Taken { get; } = [];
    public int LogIns { get; private set; }

    public object Settings(string security) => new { Host = "localhost", Port, Username = User, Password, Security = security };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _stop.Dispose();
    }

    private sealed class Store(TlsSmtp server) : MessageStore
    {
        public override Task<SmtpResponse> SaveAsync(
            ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
        {
            server.Taken.Enqueue(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
            return Task.FromResult(SmtpResponse.Ok);
        }
    }

    private sealed class Door(TlsSmtp server) : IUserAuthenticator
    {
        public Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken)
        {
            server.LogIns++;
            return Task.FromResult((user, password) == (User, server.Password));
        }
    }
}
