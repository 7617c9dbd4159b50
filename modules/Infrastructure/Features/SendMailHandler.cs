using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using MimeKit;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Secrets;

namespace PenguinMails.Infrastructure.Features;

internal sealed class SendMailHandler(
    InfrastructureDb db, SecretStore secrets, IMemoryCache cache, SmtpConnections connections, SmtpConnector connector, TimeProvider clock)
    : IRequestHandler<SendMail, SendOutcome>
{
    private sealed record Mailbox(
        Guid Id, SmtpSettings? Server, string? PasswordPath, Guid DomainId, string Domain, string DkimSelector, string? DkimKeyPath,
        DateTimeOffset? DkimSince);

    public async Task<SendOutcome> Handle(SendMail request, CancellationToken ct)
    {
        if (await FindAsync(request.EmailAccountId, ct) is not { } mailbox)
        {
            return new SendOutcome(SendResult.Unreachable, "There is no such mailbox.");
        }

        try
        {
            return await SendAsync(mailbox, request.Message, ct);
        }
        catch (SecretStoreException exception)
        {
            // Secrets are read before anything is sent.
            return new SendOutcome(SendResult.Unreachable, exception.Title);
        }
    }

    private async Task<SendOutcome> SendAsync(Mailbox mailbox, MimeMessage message, CancellationToken ct)
    {
        await SignAsync(mailbox, message, ct);
        using var slot = await connections.TakeSlotAsync(mailbox.Id, ct);
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
        var (fresh, failure) = await connector.ConnectAsync(mailbox.Server, password, ct);
        return fresh is null
            ? new SendOutcome(SendResult.Unreachable, failure!.Message)
            : await SendAsync(slot, fresh, message, ct);
    }

    private Task<Mailbox?> FindAsync(Guid id, CancellationToken ct) => db.EmailAccounts
        .Where(account => account.Id == id)
        .Join(db.Domains, account => account.DomainId, domain => domain.Id, (account, domain) => new Mailbox(
            account.Id, account.SmtpSettings, account.VaultKeyPath, domain.Id, domain.Name, domain.DkimSelector, domain.DkimKeyPath, domain.DkimSince))
        .SingleOrDefaultAsync(ct);

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
