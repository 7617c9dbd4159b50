using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>Opens connections to outgoing servers, logged in.</summary>
internal sealed class SmtpConnector(MailOpener opener, IOptions<MailOptions> options)
{
    /// <param name="server">Null: the platform's default one.</param>
    /// <param name="at">The address that is dialled, where the server has several; null: by the name of its host.</param>
    /// <returns>A connection or a failure, never both.</returns>
    public async Task<(SmtpConnection? Connection, OpeningFault? Failure)> ConnectAsync(
        SmtpSettings? server, string? password, CancellationToken ct, string? at = null)
    {
        server ??= options.Value.DefaultServer;
        if (server is null)
        {
            return (null, Finding.NoServer().Fault);
        }

        var opening = opener.Begin(server, at);
        var client = new GuardedSmtpClient(opening);
        try
        {
            if (await opener.OpenAsync(client, opening, password, ct) is not { } failure)
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
}
