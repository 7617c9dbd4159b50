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

namespace PenguinMails.Infrastructure.Features;

internal sealed class SendMailHandler(
    InfrastructureDb db, SecretStore secrets, IMemoryCache cache, SmtpConnections connections, SmtpConnector connector,
    IOptions<AddressOptions> addresses, TimeProvider clock)
    : IRequestHandler<SendMail, SendOutcome>
{
    private sealed record Mailbox(
        Guid Id, string Email, SmtpSettings? Server, string? PasswordPath, Guid DomainId, string Domain, string DkimSelector,
        string? DkimKeyPath, DateTimeOffset? DkimSince);

    public async Task<SendOutcome> Handle(SendMail request, CancellationToken ct)
    {
        if (await FindAsync(request.EmailAccountId, ct) is not { } mailbox)
        {
            return new SendOutcome(SendResult.Unreachable, "There is no such mailbox.");
        }

        var at = request.SmtpIpAddressId is { } addressId ? await FindAddressAsync(addressId, ct) : null;
        if (at is null && request.SmtpIpAddressId is not null)
        {
            return new SendOutcome(SendResult.Unreachable, "The address it was to leave from carries no mail any more.");
        }

        try
        {
            return await SendAsync(mailbox, request, at, ct);
        }
        catch (SecretStoreException exception)
        {
            // Secrets are read before anything is sent.
            return new SendOutcome(SendResult.Unreachable, exception.Title);
        }
    }

    private async Task<SendOutcome> SendAsync(Mailbox mailbox, SendMail request, string? at, CancellationToken ct)
    {
        var message = request.Message;
        await SignAsync(mailbox, message, ct);
        using var slot = await connections.TakeSlotAsync(mailbox.Id, request.SmtpIpAddressId, ct);
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
        var (fresh, failure) = await connector.ConnectAsync(at is null ? mailbox.Server : ServerAt(mailbox, at), password, ct, at);
        return fresh is null
            ? new SendOutcome(SendResult.Unreachable, failure!.Message)
            : await SendAsync(slot, fresh, message, ct);
    }

    private Task<Mailbox?> FindAsync(Guid id, CancellationToken ct) => db.EmailAccounts
        .Where(account => account.Id == id)
        .Join(db.Domains, account => account.DomainId, domain => domain.Id, (account, domain) => new Mailbox(
            account.Id, account.Email, account.SmtpSettings, account.VaultKeyPath, domain.Id, domain.Name, domain.DkimSelector,
            domain.DkimKeyPath, domain.DkimSince))
        .SingleOrDefaultAsync(ct);

    private Task<string?> FindAddressAsync(Guid id, CancellationToken ct) => db.SmtpIpAddresses
        .Where(address => address.Id == id && address.Status != AddressStatus.Quarantined && address.Status != AddressStatus.Burned)
        .Select(address => address.IpAddress).SingleOrDefaultAsync(ct);

    // The platform's mail server takes the mailbox's log-in at each of its addresses, and TLS is with the name it has everywhere.
    private SmtpSettings ServerAt(Mailbox mailbox, string address) =>
        (mailbox.Server ?? new SmtpSettings(address, 0, mailbox.PasswordPath is null ? null : mailbox.Email, MailSecurity.Auto))
            with { Port = addresses.Value.SubmissionPort };

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
