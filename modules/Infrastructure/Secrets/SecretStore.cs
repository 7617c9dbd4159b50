using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets.Vault;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Infrastructure.Secrets;

/// <summary>
/// Passwords and private keys: in Vault where it is configured, else sealed by Data Protection in the database. Either way there is a
/// row that says whose a secret is, so row-level security holds for it. Values are never logged and never in a response.
/// </summary>
/// <param name="vault">Absent where none is configured.</param>
internal sealed class SecretStore(InfrastructureDb db, IDataProtectionProvider protection, VaultStore? vault = null)
{
    /// <summary>The value at a path such as <c>smtp/{tenant}/{account}</c>; null when there is none in the tenant scope.</summary>
    /// <exception cref="SecretStoreException">The store does not answer, or its value does not open.</exception>
    public async Task<string?> GetAsync(string path, CancellationToken ct)
    {
        var row = await db.Secrets.Where(secret => secret.Path == path).Select(secret => new { secret.Ciphertext, secret.VaultVersion }).SingleOrDefaultAsync(ct);
        return row switch
        {
            null => null,
            { Ciphertext: { } ciphertext } => Open(path, ciphertext, out _),
            _ when vault is null => throw new SecretStoreException("A secret is kept in Vault, and no Vault is configured."),
            _ => await vault.ReadAsync(path, row.VaultVersion, ct),
        };
    }

    /// <summary>Adds or replaces a value; it is kept when the caller saves, together with what names its path.</summary>
    /// <param name="tenantId">Whose it is; null for the platform's own.</param>
    public async Task SetAsync(string path, Guid? tenantId, string value, CancellationToken ct)
    {
        var secret = await db.Secrets.SingleOrDefaultAsync(secret => secret.Path == path, ct)
            ?? db.Secrets.Add(new Secret { Path = path, TenantId = tenantId }).Entity;
        if (vault is null)
        {
            secret.Replace(Seal(path, value));
        }
        else
        {
            secret.Replace(value);
        }
    }

    /// <summary>Forgets a value; kept so when the caller saves. One that is not there is no error.</summary>
    public async Task DeleteAsync(string path, CancellationToken ct)
    {
        if (await db.Secrets.SingleOrDefaultAsync(secret => secret.Path == path, ct) is { } known)
        {
            db.Secrets.Remove(known);
        }
    }

    /// <summary>
    /// Moves what is sealed in the database for somebody into Vault where that is configured; else seals anew what an older key than the current one
    /// has sealed, so that old keys may go.
    /// </summary>
    public async Task RenewAsync(Guid? tenantId, CancellationToken ct)
    {
        var paths = await db.Secrets.Where(secret => secret.TenantId == tenantId && secret.Ciphertext != null)
            .Select(secret => secret.Path).ToListAsync(ct);
        await Sweep.EachApartAsync(paths, path => RenewAsync(path, ct), ct);
    }

    private async Task RenewAsync(string path, CancellationToken ct)
    {
        db.ChangeTracker.Clear();
        if (await db.Secrets.SingleOrDefaultAsync(secret => secret.Path == path, ct) is not { Ciphertext: { } ciphertext } secret)
        {
            return;
        }

        var value = Open(path, ciphertext, out var isOld);
        if (vault is not null)
        {
            secret.MoveToVault(value);
        }
        else if (isOld)
        {
            secret.Reseal(Seal(path, value));
        }

        await db.SaveChangesAsync(ct);
    }

    private byte[] Seal(string path, string value) => Protector(path).Protect(Encoding.UTF8.GetBytes(value));

    private string Open(string path, byte[] ciphertext, out bool isOld)
    {
        try
        {
            // Dangerous only where a revoked key is let pass, which it is not.
            return Encoding.UTF8.GetString(((IPersistedDataProtector)Protector(path)).DangerousUnprotect(
                ciphertext, ignoreRevocationErrors: false, out isOld, out _));
        }
        catch (CryptographicException exception)
        {
            throw new SecretStoreException($"The secret {path} does not open with the keys there are.", exception);
        }
    }

    // The path is part of the purpose: a ciphertext that is moved to another row does not open.
    private IDataProtector Protector(string path) => protection.CreateProtector("PenguinMails.Secrets", path);
}
