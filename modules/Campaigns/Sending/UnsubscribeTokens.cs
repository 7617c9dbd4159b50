using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Which lead of which tenant and campaign a link of a message belongs to.</summary>
internal sealed record UnsubscribeTarget(Guid TenantId, Guid EnrollmentId);

/// <summary>Signed tokens for the unsubscribe links; they do not expire, as the mail does not.</summary>
internal sealed class UnsubscribeTokens(IDataProtectionProvider protection)
{
    private const int TokenBytes = 32;

    private readonly IDataProtector _protector = protection.CreateProtector("PenguinMails.Unsubscribe");

    public string Make(UnsubscribeTarget target)
    {
        var bytes = new byte[TokenBytes];
        target.TenantId.TryWriteBytes(bytes);
        target.EnrollmentId.TryWriteBytes(bytes.AsSpan(16));
        return Base64Url.EncodeToString(_protector.Protect(bytes));
    }

    /// <returns>Null for a token that is not ours.</returns>
    public UnsubscribeTarget? Read(string token)
    {
        try
        {
            var bytes = _protector.Unprotect(Base64Url.DecodeFromChars(token));
            return new UnsubscribeTarget(new Guid(bytes.AsSpan(0, 16)), new Guid(bytes.AsSpan(16, 16)));
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException)
        {
            return null;
        }
    }
}
