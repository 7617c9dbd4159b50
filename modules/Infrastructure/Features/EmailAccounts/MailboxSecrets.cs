using PenguinMails.Infrastructure.Secrets;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>A mailbox's servers and, beside them, its passwords: kept together when the caller saves.</summary>
internal static class MailboxSecrets
{
    public static Task SetSmtpAsync(this SecretStore secrets, EmailAccount account, SmtpSettings? server, string? password, CancellationToken ct) =>
        secrets.ReplaceAsync(account.VaultKeyPath, account.Use(server, !string.IsNullOrEmpty(password)), account.TenantId, password, ct);

    /// <param name="password">Null or empty: SMTP's.</param>
    public static Task SetImapAsync(this SecretStore secrets, EmailAccount account, ImapSettings? server, string? password, CancellationToken ct) =>
        secrets.ReplaceAsync(account.ImapKeyPath, account.Use(server, !string.IsNullOrEmpty(password)), account.TenantId, password, ct);

    public static async Task<string?> SmtpPasswordAsync(this SecretStore secrets, EmailAccount account, CancellationToken ct) =>
        account.VaultKeyPath is null ? null : await secrets.GetAsync(account.VaultKeyPath, ct);

    public static async Task<string?> ImapPasswordAsync(this SecretStore secrets, EmailAccount account, CancellationToken ct) =>
        account.ImapKeyPath is null ? await secrets.SmtpPasswordAsync(account, ct) : await secrets.GetAsync(account.ImapKeyPath, ct);

    public static async Task ForgetAsync(this SecretStore secrets, EmailAccount account, CancellationToken ct)
    {
        await secrets.ReplaceAsync(account.VaultKeyPath, null, account.TenantId, null, ct);
        await secrets.ReplaceAsync(account.ImapKeyPath, null, account.TenantId, null, ct);
    }

    private static async Task ReplaceAsync(this SecretStore secrets, string? old, string? path, Guid tenantId, string? password, CancellationToken ct)
    {
        if (path is not null)
        {
            await secrets.SetAsync(path, tenantId, password!, ct);
        }
        else if (old is not null)
        {
            await secrets.DeleteAsync(old, ct);
        }
    }
}
