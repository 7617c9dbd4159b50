using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Outbound;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>Why a server cannot be used.</summary>
/// <param name="Field">Which field of a mailbox's request is to blame.</param>
/// <param name="Message">For people.</param>
internal sealed record SmtpFailure(string Field, string Message);

/// <summary>Opens connections to outgoing servers, logged in.</summary>
internal sealed class SmtpConnector(OutboundDialer dialer, IOptions<MailOptions> options)
{
    /// <param name="server">Null: the platform's default one.</param>
    /// <returns>A connection or a failure, never both.</returns>
    public async Task<(SmtpConnection? Connection, SmtpFailure? Failure)> ConnectAsync(SmtpSettings? server, string? password, CancellationToken ct)
    {
        server ??= options.Value.DefaultServer;
        if (server is null)
        {
            return (null, new SmtpFailure("smtp", "There is no default outgoing server: the mailbox must name one."));
        }

        // Looking for revocations would fetch addresses that the server's certificate names, past the dialer.
        var client = new SmtpClient { CheckCertificateRevocation = false };
        try
        {
            if (await TryOpenAsync(client, server, password, ct) is not { } failure)
            {
                return (new SmtpConnection(client, options.Value), null);
            }

            client.Dispose();
            return (null, failure);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Connects, logs in and leaves.</summary>
    /// <returns>Null when the server can be used.</returns>
    public async Task<SmtpFailure?> TestAsync(SmtpSettings? server, string? password, CancellationToken ct)
    {
        var (connection, failure) = await ConnectAsync(server, password, ct);
        if (connection is not null)
        {
            await connection.CloseAsync();
        }

        return failure;
    }

    private async Task<SmtpFailure?> TryOpenAsync(SmtpClient client, SmtpSettings server, string? password, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.ConnectTimeoutSeconds));
        try
        {
            return await OpenAsync(client, server, password, patience.Token);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && Diagnose(server, exception) is not null)
        {
            return Diagnose(server, exception);
        }
    }

    private async Task<SmtpFailure?> OpenAsync(SmtpClient client, SmtpSettings server, string? password, CancellationToken ct)
    {
        var dialled = await dialer.ConnectAsync(server.Host, server.Port, ct);
        if (dialled.Socket is null)
        {
            return new SmtpFailure("smtp.host", dialled.Problem!);
        }

        await client.ConnectAsync(dialled.Socket, server.Host, server.Port, Security(server.Security), ct);
        if (server.Username is not null)
        {
            await client.AuthenticateAsync(server.Username, password ?? "", ct);
        }

        return null;
    }

    private SmtpFailure? Diagnose(SmtpSettings server, Exception exception)
    {
        var place = $"{server.Host}:{server.Port}";
        return exception switch
        {
            AuthenticationException refused => new SmtpFailure(
                "smtp.password", $"{place} refused the user name or the password ({refused.Message})."),
            NotSupportedException missing => new SmtpFailure("smtp.security", $"{place}: {missing.Message}"),
            SslHandshakeException tls => new SmtpFailure(
                "smtp.host", $"TLS with {place} failed: {(tls.InnerException ?? tls).Message.Split('\n')[0].Trim()}"),
            SmtpCommandException reply => new SmtpFailure("smtp.host", $"{place} answered {(int)reply.StatusCode} {reply.Message}"),
            ProtocolException garbled => new SmtpFailure("smtp.host", $"{place} does not speak SMTP, or not with this security: {garbled.Message}"),
            OperationCanceledException or TimeoutException => new SmtpFailure(
                "smtp.host", $"{place} did not answer within {options.Value.ConnectTimeoutSeconds} seconds."),
            IOException or SocketException => new SmtpFailure("smtp.host", $"The connection to {place} was lost: {exception.Message}"),
            _ => null,
        };
    }

    private static SecureSocketOptions Security(SmtpSecurity security) => security switch
    {
        SmtpSecurity.None => SecureSocketOptions.None,
        SmtpSecurity.Starttls => SecureSocketOptions.StartTls,
        SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
        SmtpSecurity.Auto => SecureSocketOptions.Auto,
        _ => throw new InvalidOperationException($"No security {security}."),
    };
}
