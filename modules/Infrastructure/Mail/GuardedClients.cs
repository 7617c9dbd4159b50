using System.Net.Security;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Net.Smtp;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>Fetches nothing that a certificate names.</summary>
internal sealed class GuardedSmtpClient(IProtocolLogger watcher) : SmtpClient(watcher)
{
    protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(string host, RemoteCertificateValidationCallback callback)
    {
        var options = base.GetSslClientAuthenticationOptions(host, callback);
        options.CertificateChainPolicy = ServerTrust.ChainPolicy();
        return options;
    }
}

/// <summary>Fetches nothing that a certificate names.</summary>
internal sealed class GuardedImapClient(IProtocolLogger watcher) : ImapClient(watcher)
{
    protected override SslClientAuthenticationOptions GetSslClientAuthenticationOptions(string host, RemoteCertificateValidationCallback callback)
    {
        var options = base.GetSslClientAuthenticationOptions(host, callback);
        options.CertificateChainPolicy = ServerTrust.ChainPolicy();
        return options;
    }
}

internal static class MailServices
{
    /// <summary>Says goodbye where there is still somebody to say it to.</summary>
    public static async Task LeaveAsync(this MailService client)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await client.DisconnectAsync(true, patience.Token);
        }
        catch (Exception exception) when (exception is IOException or SocketException or ProtocolException or CommandException
            or OperationCanceledException or TimeoutException or ServiceNotConnectedException or ServiceNotAuthenticatedException)
        {
            // It was to be closed anyway.
        }
    }
}
