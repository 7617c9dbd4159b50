using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy;

/// <summary>What a log-in gives.</summary>
/// <param name="AccessToken">Sent as <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds until the access token ends.</param>
internal sealed record AccessGrant(string AccessToken, int ExpiresIn, string TokenType, Guid UserId, Guid TenantId);

/// <summary>Opens sessions and makes their access tokens: ASP.NET Core's own bearer tokens, sealed by Data Protection.</summary>
internal sealed class AccessTokens(
    TenancyDb db, IOptionsMonitor<BearerTokenOptions> options, IHttpContextAccessor http, TimeProvider clock)
{
    /// <summary>Adds the session to the context; the caller saves.</summary>
    public AccessGrant Grant(Membership membership, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        var session = NewSession(membership, now, now + lifetime);
        db.Sessions.Add(session);

        var claims = new List<Claim>
        {
            new(ScopeClaims.User, membership.UserId.ToString()),
            new(ScopeClaims.Tenant, membership.TenantId.ToString()),
            new("session", session.Id.ToString()),
        };
        claims.AddRange(membership.Roles.Select(role => new Claim(ClaimTypes.Role, role)));
        var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, BearerTokenDefaults.AuthenticationScheme));
        var ticket = new AuthenticationTicket(
            principal, new AuthenticationProperties { ExpiresUtc = session.Expires }, $"{BearerTokenDefaults.AuthenticationScheme}:AccessToken");
        var token = options.Get(BearerTokenDefaults.AuthenticationScheme).BearerTokenProtector.Protect(ticket);
        return new AccessGrant(token, (int)lifetime.TotalSeconds, "Bearer", membership.UserId, membership.TenantId);
    }

    private UserSession NewSession(Membership membership, DateTimeOffset now, DateTimeOffset expires)
    {
        var id = Guid.CreateVersion7();
        var request = http.HttpContext;
        return new UserSession
        {
            Id = id,
            UserId = membership.UserId,
            TenantId = membership.TenantId,
            FamilyId = id,
            // Nothing refreshes yet: an unknown token that no client holds.
            RefreshTokenHash = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes),
            IpAddress = request?.Connection.RemoteIpAddress,
            UserAgent = request?.Request.Headers.UserAgent,
            Created = now,
            Expires = expires,
        };
    }
}
