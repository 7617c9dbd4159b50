using System.Net;
using System.Net.Sockets;
using MailKit;
using MailKit.Security;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Outbound;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>Opens connections to servers that tenants name, logged in, or says why not.</summary>
internal sealed class MailOpener(OutboundDialer dialer, ServerTrust trust, IOptions<MailOptions> options, TimeProvider clock)
{
    /// <param name="at">The address that is dialled, where the server has several; null: by the name of its host.</param>
    public Opening Begin(ServerSettings server, string? at = null) => new(server, trust, clock) { Place = at ?? server.Host };

    /// <summary>Connects, logs in and leaves; sends and reads nothing.</summary>
    public async Task<Finding> TestAsync(ServerSettings server, string? password, CancellationToken ct)
    {
        var opening = Begin(server);
        using MailService client = server is ImapSettings ? new GuardedImapClient(opening) : new GuardedSmtpClient(opening);
        if (await IsKnownAsync(server.Host, ct))
        {
            opening.Reach(OpeningStep.Dns);
        }

        var fault = await OpenAsync(client, opening, password, ct);
        var diagnosis = opening.ToDiagnosis(fault);
        await client.LeaveAsync();
        return new Finding(diagnosis, fault);
    }

    /// <returns>Null: the client is connected and logged in.</returns>
    public async Task<OpeningFault?> OpenAsync(MailService client, Opening opening, string? password, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.ConnectTimeoutSeconds));
        try
        {
            return await GoAsync(client, opening, password, patience.Token);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            if (OpeningFaults.Explain(opening, exception, password, options.Value.ConnectTimeoutSeconds) is { } fault)
            {
                return fault;
            }

            throw;
        }
    }

    private async Task<OpeningFault?> GoAsync(MailService client, Opening opening, string? password, CancellationToken ct)
    {
        var server = opening.Server;
        var dialled = await dialer.ConnectAsync(opening.Place, server.Port, ct);
        if (dialled.Socket is null)
        {
            return OpeningFaults.NotDialled(server, dialled.Problem!, await IsKnownAsync(server.Host, ct));
        }

        opening.Reach(OpeningStep.Tcp);
        // Looking for revocations would fetch addresses that the server's certificate names, past the dialer.
        client.CheckCertificateRevocation = false;
        client.ServerCertificateValidationCallback = opening.Accept;
        await client.ConnectAsync(dialled.Socket, server.Host, server.Port, Security(server.Security), ct);
        if (server.Username is not null)
        {
            opening.LogsIn = true;
            await client.AuthenticateAsync(server.Username, password ?? "", ct);
            opening.Reach(OpeningStep.Auth);
        }

        return null;
    }

    private static async Task<bool> IsKnownAsync(string host, CancellationToken ct)
    {
        try
        {
            return IPAddress.TryParse(host, out _) || (await Dns.GetHostAddressesAsync(host, ct)).Length > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static SecureSocketOptions Security(MailSecurity security) => security switch
    {
        MailSecurity.None => SecureSocketOptions.None,
        MailSecurity.Starttls => SecureSocketOptions.StartTls,
        MailSecurity.Tls => SecureSocketOptions.SslOnConnect,
        MailSecurity.Auto => SecureSocketOptions.Auto,
        _ => throw new InvalidOperationException($"No security {security}."),
    };
}
