using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Mailu;

/// <summary>
/// Domains and users on the platform's own mail server. Everything may be repeated: what is there already is taken over, so a crash or
/// a lost answer leaves nothing that the next attempt does not mend. A user that the platform did not make is never touched.
/// </summary>
internal sealed class MailuClient(MailuApi api, IOptions<MailuOptions> options)
{
    private const string PasswordLetters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>186 bits.</summary>
    public static string NewPassword() => RandomNumberGenerator.GetString(PasswordLetters, 32);

    public SmtpSettings Smtp(string email) => new(options.Value.Host!, options.Value.SmtpPort, email, options.Value.Security);

    public ImapSettings Imap(string email) => new(options.Value.Host!, options.Value.ImapPort, email, options.Value.Security);

    /// <summary>Makes the mailbox's user, and its domain where it is missing; a user that was made before gets the password.</summary>
    /// <returns>Null when it can log in with the password.</returns>
    public async Task<MailuFault?> MakeAsync(EmailAccount account, string domain, string password, CancellationToken ct) =>
        options.Value.IsConfigured
            ? await MakeDomainAsync(domain, account.TenantId, ct) ?? await MakeUserAsync(account, password, ct)
            : NotConfigured;

    /// <summary>Removes the mailbox's user with all its mail. One that is not there is no fault.</summary>
    public async Task<MailuFault?> RemoveAsync(EmailAccount account, CancellationToken ct)
    {
        var user = await api.SendAsync(HttpMethod.Get, UserPath(account), null, ct);
        if (!user.IsDone || user.Text("comment") != Mark(account.TenantId))
        {
            return user is { Fault: null, Code: 200 or 404 } ? null : user.Refusal;
        }

        var removed = await api.SendAsync(HttpMethod.Delete, UserPath(account), null, ct);
        return removed is { Fault: null, Code: 404 } ? null : removed.Refusal;
    }

    public bool IsConfigured => options.Value.IsConfigured;

    private static MailuFault NotConfigured => MailuFault.Away() with { Title = "This platform has no mail server of its own any more." };

    private async Task<MailuFault?> MakeDomainAsync(string domain, Guid tenantId, CancellationToken ct)
    {
        var path = $"domain/{Uri.EscapeDataString(domain)}";
        var found = await api.SendAsync(HttpMethod.Get, path, null, ct);
        if (found is not { Fault: null, Code: 404 })
        {
            return found.IsDone && found.Text("name") is null ? MailuFault.Garbled : found.Refusal;
        }

        var made = await api.SendAsync(HttpMethod.Post, "domain", new { name = domain, comment = Mark(tenantId) }, ct);
        // Somebody else was quicker, or an answer was lost: what counts is that it is there.
        if (!made.IsDone && !(await api.SendAsync(HttpMethod.Get, path, null, ct)).IsDone)
        {
            return made.Refusal;
        }

        return options.Value.GenerateDkim ? (await api.SendAsync(HttpMethod.Post, $"{path}/dkim", null, ct)).Refusal : null;
    }

    private async Task<MailuFault?> MakeUserAsync(EmailAccount account, string password, CancellationToken ct)
    {
        var found = await api.SendAsync(HttpMethod.Get, UserPath(account), null, ct);
        if (found is { Fault: null, Code: 404 })
        {
            var made = await api.SendAsync(HttpMethod.Post, "user", NewUser(account, password), ct);
            // The answer to a first attempt may have been lost, and Mailu knows no other word for a second than an error.
            if (made.IsDone || !(found = await api.SendAsync(HttpMethod.Get, UserPath(account), null, ct)).IsDone)
            {
                return made.Refusal;
            }
        }

        if (!found.IsDone)
        {
            return found.Refusal;
        }

        if (found.Text("email") is null)
        {
            return MailuFault.Garbled;
        }

        if (found.Text("comment") != Mark(account.TenantId))
        {
            return new MailuFault(409, $"The mail server has a mailbox {account.Email} that PenguinMails did not make for you.");
        }

        var change = new { raw_password = password, enabled = true, enable_imap = true };
        return (await api.SendAsync(HttpMethod.Patch, UserPath(account), change, ct)).Refusal;
    }

    private static object NewUser(EmailAccount account, string password) => new
    {
        email = account.Email,
        raw_password = password,
        comment = Mark(account.TenantId),
        displayed_name = account.DisplayName ?? "",
        enabled = true,
        enable_imap = true,
        enable_pop = false,
        change_pw_next_login = false,
    };

    private static string UserPath(EmailAccount account) => $"user/{Uri.EscapeDataString(account.Email)}";

    // By tenant: a domain that changes hands does not bring the mail of those who had it before.
    private static string Mark(Guid tenantId) => $"PenguinMails {tenantId}";
}
