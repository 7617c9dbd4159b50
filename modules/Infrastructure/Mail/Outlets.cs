using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Secrets;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>Gives places at the servers of mailboxes.</summary>
internal sealed class Outlets(OutletSettings settings, SecretStore secrets, SmtpConnections connections, SmtpConnector connector)
{
    /// <summary>Waits until the mailbox may have one more connection.</summary>
    public async Task<MailOutlet> OpenAsync(Guid mailboxId, Guid? addressId, CancellationToken ct)
    {
        try
        {
            var (setting, problem) = await settings.ReadAsync(mailboxId, addressId, ct);
            return setting is null
                ? new NoOutlet(problem!)
                : new SmtpOutlet(setting, await connections.TakeSlotAsync(mailboxId, addressId, setting.ReadAt, ct), connector, secrets);
        }
        catch (SecretStoreException exception)
        {
            // Secrets are read before anything is sent.
            return new NoOutlet(exception.Title);
        }
    }
}
