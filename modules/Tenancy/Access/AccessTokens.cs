using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PenguinMails.Tenancy.Access;

/// <summary>Whose session an access token is. ASP.NET Core's Data Protection seals it and keeps its time.</summary>
internal sealed class AccessTokens(IDataProtectionProvider protection)
{
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("PenguinMails.AccessToken").ToTimeLimitedDataProtector();

    public string Make(Guid userId, Guid? tenantId, Guid session, DateTimeOffset expires) =>
        _protector.Protect($"{userId}|{tenantId}|{session}", expires);

    /// <summary>Null for what is not a token of ours, or has expired.</summary>
    public (Guid UserId, Guid? TenantId, Guid Session)? Read(string token)
    {
        try
        {
            var parts = _protector.Unprotect(token).Split('|');
            return (Guid.Parse(parts[0]), parts[1].Length == 0 ? null : Guid.Parse(parts[1]), Guid.Parse(parts[2]));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
