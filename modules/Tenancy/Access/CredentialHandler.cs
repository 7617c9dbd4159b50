using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Access;

/// <summary>
/// Knows people by <c>Authorization: Bearer</c> with an access token, and programs by an API key in the same place or in
/// <c>X-API-Key</c>. Each request asks <see cref="LiveCredentials"/>, so what is revoked opens nothing from then on.
/// </summary>
internal sealed class CredentialHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder,
    AccessTokens tokens, LiveCredentials live, IProblemDetailsService problems)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "PenguinMails";

    private const string Bearer = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (CredentialOf(Request) is not { } credential)
        {
            return AuthenticateResult.NoResult();
        }

        var identity = credential.StartsWith(ApiKey.Mark, StringComparison.Ordinal) ? await OfKeyAsync(credential) : await OfTokenAsync(credential);
        return identity is null
            ? AuthenticateResult.Fail("The credential does not hold, or no longer.")
            : AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status403Forbidden;
        var reason = Request.Path.StartsWithSegments("/api/v1/staff") ? WhyNotAsStaff() : WhyNotInTenant();
        await problems.WriteAsync(new ProblemDetailsContext { HttpContext = Context, ProblemDetails = { Status = 403, Title = reason } });
        await Context.RequestServices.GetRequiredService<SecurityActs>()
            .PublishAsync(SecurityActKind.PermissionDenied, reason, "endpoint", $"{Request.Method} {Request.Path}");
    }

    private string WhyNotAsStaff() => KeyScopes.WhyNot(Context) ?? (Context.User.HasClaim(claim => claim.Type == AccessClaims.LacksTwoFactors)
        ? "Staff need two factors: enrol an authenticator at POST /api/v1/account/two-factor first."
        : "Your role does not allow this.");

    private string WhyNotInTenant() => Context.User.FindFirstValue(AccessClaims.Hindrance) ?? KeyScopes.WhyNot(Context)
        ?? (Context.User.HasClaim(claim => claim.Type == ScopeClaims.Tenant) ? "Your role does not allow this." : "Choose a tenant first.");

    private static string? CredentialOf(HttpRequest request)
    {
        if (request.Headers.TryGetValue("X-API-Key", out var key) && key is [{ Length: > 0 } text])
        {
            return text.StartsWith(ApiKey.Mark, StringComparison.Ordinal) ? text : null;
        }

        return request.Headers.Authorization is [{ } header] && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim()
            : null;
    }

    private async Task<ClaimsIdentity?> OfTokenAsync(string token)
    {
        if (tokens.Read(token) is not { } read || await live.SessionAsync(read.UserId, read.TenantId, read.Session, Context.RequestAborted) is not { } session)
        {
            return null;
        }

        var identity = Identity(session.TenantId, session.Roles);
        identity.AddClaim(new Claim(ScopeClaims.User, session.UserId.ToString()));
        identity.AddClaim(new Claim(AccessClaims.Session, session.SessionId.ToString()));
        identity.AddClaims(session.Permissions.Select(permission => new Claim(PermissionClaim.Type, permission)));
        if (session.LacksTwoFactors)
        {
            identity.AddClaim(new Claim(AccessClaims.LacksTwoFactors, "true"));
        }

        if (session.Hindrance is { } hindrance)
        {
            identity.AddClaim(new Claim(AccessClaims.Hindrance, hindrance));
        }

        return identity;
    }

    private async Task<ClaimsIdentity?> OfKeyAsync(string text)
    {
        if (await live.KeyAsync(text, Context.RequestAborted) is not { } key)
        {
            return null;
        }

        // What it may do hangs on its scopes alone.
        var identity = Identity(key.TenantId, [Membership.Admin]);
        identity.AddClaim(new Claim(AccessClaims.Key, key.Id.ToString()));
        identity.AddClaims(key.Scopes.Select(scope => new Claim(AccessClaims.Scope, scope)));
        return identity;
    }

    private static ClaimsIdentity Identity(Guid? tenantId, IEnumerable<string> roles)
    {
        var identity = new ClaimsIdentity(roles.Select(role => new Claim(ClaimTypes.Role, role)), SchemeName);
        if (tenantId is { } tenant)
        {
            identity.AddClaim(new Claim(ScopeClaims.Tenant, tenant.ToString()));
        }

        return identity;
    }
}

/// <summary>Claims that only Tenancy reads.</summary>
internal static class AccessClaims
{
    /// <summary>The session's id.</summary>
    public const string Session = "session";

    /// <summary>The API key's id; a person has none.</summary>
    public const string Key = "api_key";

    /// <summary>One scope of the API key.</summary>
    public const string Scope = "scope";

    /// <summary>Why the tenant is not to be entered.</summary>
    public const string Hindrance = "hindrance";

    /// <summary>One of the staff who has no second factor, and therefore no permissions.</summary>
    public const string LacksTwoFactors = "lacks_two_factors";
}

internal static class AccessPrincipal
{
    /// <summary>The session of the person who calls.</summary>
    public static Guid SessionId(this ClaimsPrincipal user) => Guid.Parse(user.FindFirstValue(AccessClaims.Session)!);

    /// <summary>The caller's roles in the tenant.</summary>
    public static IEnumerable<string> Roles(this ClaimsPrincipal user) => user.FindAll(ClaimTypes.Role).Select(claim => claim.Value);
}
