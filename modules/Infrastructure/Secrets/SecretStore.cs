using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Secrets;

/// <summary>Passwords and private keys, sealed by Data Protection. Values are never logged and never in a response.</summary>
internal sealed class SecretStore(InfrastructureDb db, IDataProtectionProvider protection)
{
    /// <summary>The value at a path such as <c>smtp/{tenant}/{account}</c>; null when there is none in the tenant scope.</summary>
    public async Task<string?> GetAsync(string path, CancellationToken ct)
    {
        var ciphertext = await db.Secrets.Where(secret => secret.Path == path).Select(secret => secret.Ciphertext).SingleOrDefaultAsync(ct);
        return ciphertext is null ? null : Encoding.UTF8.GetString(Protector(path).Unprotect(ciphertext));
    }

    /// <summary>Adds or replaces a value; it is kept when the caller saves, together with what names its path.</summary>
    /// <param name="tenantId">Whose it is; null for the platform's own.</param>
    public async Task SetAsync(string path, Guid? tenantId, string value, CancellationToken ct)
    {
        var ciphertext = Protector(path).Protect(Encoding.UTF8.GetBytes(value));
        if (await db.Secrets.SingleOrDefaultAsync(secret => secret.Path == path, ct) is { } known)
        {
            known.Replace(ciphertext);
        }
        else
        {
            db.Secrets.Add(new Secret { Path = path, TenantId = tenantId, Ciphertext = ciphertext });
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

    // The path is part of the purpose: a ciphertext that is moved to another row does not open.
    private IDataProtector Protector(string path) => protection.CreateProtector("PenguinMails.Secrets", path);
}
