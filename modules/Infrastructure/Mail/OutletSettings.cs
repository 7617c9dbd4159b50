using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>What a mailbox sends with.</summary>
/// <param name="Server">Null: the platform's default one.</param>
/// <param name="At">The address that is dialled; null: by the name of the server's host.</param>
/// <param name="Signer">Null where the domain has no key.</param>
/// <param name="ReadAt">When this was read, or before, by the clock of <see cref="ChangeFeed"/>.</param>
internal sealed record OutletSetting(
    Guid MailboxId, Guid? AddressId, SmtpSettings? Server, string? PasswordPath, string? At, RsaDkimSigner? Signer, long ReadAt);

/// <summary>Reads what a mailbox sends with.</summary>
internal sealed class OutletSettings(
    InfrastructureDb db, SecretStore secrets, IMemoryCache cache, ChangeFeed changes, IOptions<AddressOptions> addresses, TimeProvider clock)
{
    private const int ImplicitTlsPort = 465;

    /// <param name="At">The address that the message leaves from; null where it is to leave from none, or that one carries no mail.</param>
    private sealed record Mailbox(
        Guid Id, string Email, SmtpSettings? Server, string? PasswordPath, Guid DomainId, string Domain, string DkimSelector,
        string? DkimKeyPath, DateTimeOffset? DkimSince, string? At);

    /// <returns>The settings, or one sentence on why there are none.</returns>
    /// <exception cref="SecretStoreException">The key cannot be read.</exception>
    public async Task<(OutletSetting? Setting, string? Problem)> ReadAsync(Guid mailboxId, Guid? addressId, CancellationToken ct)
    {
        // Before the settings are read: a change in between must not leave a connection to the old server.
        var readAt = changes.Now;
        return await FindAsync(mailboxId, addressId, ct) switch
        {
            null => (null, "There is no such mailbox."),
            { At: null } when addressId is not null => (null, "The address it was to leave from carries no mail any more."),
            var mailbox => (new OutletSetting(
                mailbox.Id, addressId, mailbox.At is null ? mailbox.Server : ServerAt(mailbox, mailbox.At), mailbox.PasswordPath, mailbox.At,
                await SignerAsync(mailbox, ct), readAt), null),
        };
    }

    private Task<Mailbox?> FindAsync(Guid id, Guid? addressId, CancellationToken ct) => db.EmailAccounts
        .Where(account => account.Id == id)
        .Join(db.Domains, account => account.DomainId, domain => domain.Id, (account, domain) => new Mailbox(
            account.Id, account.Email, account.SmtpSettings, account.VaultKeyPath, domain.Id, domain.Name, domain.DkimSelector,
            domain.DkimKeyPath, domain.DkimSince,
            db.SmtpIpAddresses
                .Where(address => address.Id == addressId && address.Status != AddressStatus.Quarantined && address.Status != AddressStatus.Burned)
                .Select(address => address.IpAddress).SingleOrDefault()))
        .SingleOrDefaultAsync(ct);

    // The platform's mail server takes the mailbox's log-in at each of its addresses, and TLS is with the name it has everywhere.
    private SmtpSettings ServerAt(Mailbox mailbox, string address)
    {
        var port = addresses.Value.SubmissionPort;
        var server = mailbox.Server ?? new SmtpSettings(address, port, mailbox.PasswordPath is null ? null : mailbox.Email, MailSecurity.Auto);
        // Never what the mailbox's own port asks for, nor STARTTLS only where it is offered: whoever is between could take the offer away.
        var security = (server.Security, port) switch
        {
            (MailSecurity.None, _) => MailSecurity.None,
            (_, ImplicitTlsPort) => MailSecurity.Tls,
            _ => MailSecurity.Starttls,
        };
        return server with { Port = port, Security = security };
    }

    private async Task<RsaDkimSigner?> SignerAsync(Mailbox mailbox, CancellationToken ct)
    {
        if (mailbox.DkimKeyPath is null)
        {
            return null;
        }

        // By row and since when: a domain that changes hands has another key, and so has one whose selector comes round again.
        return await cache.GetOrCreateAsync((mailbox.DomainId, mailbox.DkimKeyPath, mailbox.DkimSince), async entry =>
        {
            entry.SlidingExpiration = TimeSpan.FromHours(1);
            var key = await secrets.GetAsync(mailbox.DkimKeyPath, ct)
                ?? throw new SecretStoreException($"There is no secret {mailbox.DkimKeyPath}.");
            return new RsaDkimSigner(key, mailbox.Domain, mailbox.DkimSelector, clock);
        });
    }
}
