using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using MimeKit;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;

namespace PenguinMails.Infrastructure.Features;

internal sealed class SendMailHandler(
    InfrastructureDb db, SecretStore secrets, IMemoryCache cache, SmtpConnections connections, SmtpConnector connector,
    ChangeFeed changes, IOptions<AddressOptions> addresses, TimeProvider clock)
    : IRequestHandler<SendMail, SendOutcome>
{
    private const int ImplicitTlsPort = 465;

    /// <param name="At">The address that the message leaves from; null where it is to leave from none, or that one carries no mail.</param>
    private sealed record Mailbox(
        Guid Id, string Email, SmtpSettings? Server, string? PasswordPath, Guid DomainId, string Domain, string DkimSelector,
        string? DkimKeyPath, DateTimeOffset? DkimSince, string? At);

    public async Task<SendOutcome> Handle(SendMail request, CancellationToken ct)
    {
        // Before the settings are read: a change in between must not leave a connection to the old server.
        var readAt = changes.Now;
        if (await FindAsync(request.EmailAccountId, request.SmtpIpAddressId, ct) is not { } mailbox)
        {
            return new SendOutcome(SendResult.Unreachable, "There is no such mailbox.");
        }

        if (mailbox.At is null && request.SmtpIpAddressId is not null)
        {
            return new SendOutcome(SendResult.Unreachable, "The address it was to leave from carries no mail any more.");
        }

        try
        {
            return await SendAsync(mailbox, request, readAt, ct);
        }
        catch (SecretStoreException exception)
        {
            // Secrets are read before anything is sent.
            return new SendOutcome(SendResult.Unreachable, exception.Title);
        }
    }

    private async Task<SendOutcome> SendAsync(Mailbox mailbox, SendMail request, long readAt, CancellationToken ct)
    {
        var message = request.Message;
        await SignAsync(mailbox, message, ct);
        using var slot = await connections.TakeSlotAsync(mailbox.Id, request.SmtpIpAddressId, readAt, ct);
        if (slot.TakeIdle() is { } idle)
        {
            var outcome = await SendAsync(slot, idle, message, ct);
            // A connection that has waited may be dead, which says nothing about the server: a fresh one will tell.
            if (outcome.Result != SendResult.Unreachable)
            {
                return outcome;
            }
        }

        var password = mailbox.PasswordPath is null ? null : await secrets.GetAsync(mailbox.PasswordPath, ct);
        var (fresh, failure) = await connector.ConnectAsync(
            mailbox.At is { } at ? ServerAt(mailbox, at) : mailbox.Server, password, ct, mailbox.At);
        return fresh is null
            ? new SendOutcome(SendResult.Unreachable, failure!.Message)
            : await SendAsync(slot, fresh, message, ct);
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

    private async Task SignAsync(Mailbox mailbox, MimeMessage message, CancellationToken ct)
    {
        if (mailbox.DkimKeyPath is null)
        {
            return;
        }

        // By row and since when: a domain that changes hands has another key, and so has one whose selector comes round again.
        var signer = await cache.GetOrCreateAsync((mailbox.DomainId, mailbox.DkimKeyPath, mailbox.DkimSince), async entry =>
        {
            entry.SlidingExpiration = TimeSpan.FromHours(1);
            var key = await secrets.GetAsync(mailbox.DkimKeyPath, ct)
                ?? throw new SecretStoreException($"There is no secret {mailbox.DkimKeyPath}.");
            return new RsaDkimSigner(key, mailbox.Domain, mailbox.DkimSelector, clock);
        });
        signer!.Sign(message);
    }

    private static async Task<SendOutcome> SendAsync(SmtpConnections.Slot slot, SmtpConnection connection, MimeMessage message, CancellationToken ct)
    {
        try
        {
            return await connection.SendAsync(message, ct);
        }
        finally
        {
            await slot.GiveBackAsync(connection);
        }
    }
}
