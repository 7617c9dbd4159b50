using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Tenancy;

/// <summary>How a program proves for which tenant it acts. The key itself is shown once; the table has its hash.</summary>
internal sealed class ApiKey
{
    /// <summary>Every key begins so: leaks are found by it.</summary>
    public const string Mark = "pm_live_";

    private const string Base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required string Name { get; init; }

    /// <summary>The key's beginning, by which people tell their keys apart.</summary>
    public required string Prefix { get; init; }
    public required byte[] KeyHash { get; init; }
    public required string[] Scopes { get; init; }
    public required Guid? CreatedBy { get; init; }
    public DateTimeOffset? Expires { get; init; }
    public DateTimeOffset? LastUsed { get; private set; }
    public DateTimeOffset? Revoked { get; private set; }
    public required DateTimeOffset Created { get; init; }

    /// <summary>A new key: 32 characters of base 62, 190 bits.</summary>
    public static string NewKey() => Mark + RandomNumberGenerator.GetString(Base62, 32);

    public static byte[] HashOf(string key) => SHA256.HashData(Encoding.ASCII.GetBytes(key));

    public static string PrefixOf(string key) => key[..(Mark.Length + 4)];

    public void Revoke(DateTimeOffset now) => Revoked ??= now;
}
