using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>The message of a tenant that an address to the host belongs to.</summary>
internal sealed record TrackedMessage(Guid TenantId, Guid MessageId)
{
    /// <summary>When its row was made, as far as its version 7 id tells: rows are kept by month.</summary>
    public (DateTimeOffset From, DateTimeOffset Until) Made
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            MessageId.TryWriteBytes(bytes, bigEndian: true, out _);
            var made = DateTimeOffset.FromUnixTimeMilliseconds(BinaryPrimitives.ReadInt64BigEndian(bytes) >>> 16);
            return (made.AddHours(-1), made.AddDays(1));
        }
    }
}

/// <summary>
/// Signed tokens for the gif and the links of a message. As those to unsubscribe they do not expire, are read after their key was
/// replaced, and show nobody whose they are or where they lead.
/// </summary>
internal sealed class TrackingTokens(IDataProtectionProvider protection)
{
    private const int IdBytes = 16;

    private readonly IDataProtector _opens = protection.CreateProtector("PenguinMails.Opens");
    private readonly IDataProtector _clicks = protection.CreateProtector("PenguinMails.Clicks");

    public string MakeOpen(TrackedMessage message) => Protect(_opens, message, "");

    public string MakeClick(TrackedMessage message, string url) => Protect(_clicks, message, url);

    /// <returns>Null for a token that is not ours.</returns>
    public TrackedMessage? ReadOpen(string token) => Unprotect(_opens, token)?.Message;

    /// <returns>Null for a token that is not ours.</returns>
    public (TrackedMessage Message, string Url)? ReadClick(string token) => Unprotect(_clicks, token);

    private static string Protect(IDataProtector protector, TrackedMessage message, string url)
    {
        var bytes = new byte[(2 * IdBytes) + Encoding.UTF8.GetByteCount(url)];
        message.TenantId.TryWriteBytes(bytes);
        message.MessageId.TryWriteBytes(bytes.AsSpan(IdBytes));
        Encoding.UTF8.GetBytes(url, bytes.AsSpan(2 * IdBytes));
        return Base64Url.EncodeToString(protector.Protect(bytes));
    }

    private static (TrackedMessage Message, string Url)? Unprotect(IDataProtector protector, string token)
    {
        try
        {
            var bytes = protector.Unprotect(Base64Url.DecodeFromChars(token)).AsSpan();
            var message = new TrackedMessage(new Guid(bytes[..IdBytes]), new Guid(bytes[IdBytes..(2 * IdBytes)]));
            return (message, Encoding.UTF8.GetString(bytes[(2 * IdBytes)..]));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
