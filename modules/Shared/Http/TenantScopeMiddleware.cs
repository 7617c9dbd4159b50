using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace PenguinMails.Shared.Http;

/// <summary>Names of the claims that every way of logging in gives.</summary>
public static class ScopeClaims
{
    /// <summary>The tenant that the token is for.</summary>
    public const string Tenant = "tenant";

    /// <summary>The person.</summary>
    public const string User = ClaimTypes.NameIdentifier;
}

/// <summary>Enters the tenant scope that the caller's token names.</summary>
public sealed class TenantScopeMiddleware(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext http, TenantScope scope)
    {
        scope.Enter(Read(http.User, ScopeClaims.Tenant), Read(http.User, ScopeClaims.User));
        return next(http);
    }

    private static Guid? Read(ClaimsPrincipal user, string claim) =>
        Guid.TryParse(user.FindFirstValue(claim), out var id) ? id : null;
}
