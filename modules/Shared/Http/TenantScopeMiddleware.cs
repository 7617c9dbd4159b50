using System.Diagnostics;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Shared.Http;

/// <summary>Names of the claims that every way of logging in gives.</summary>
public static class ScopeClaims
{
    /// <summary>The tenant that the token is for.</summary>
    public const string Tenant = "tenant";

    /// <summary>The person.</summary>
    public const string User = ClaimTypes.NameIdentifier;
}

/// <summary>Enters the tenant scope that the caller's token names, and names it to traces and logs.</summary>
public sealed class TenantScopeMiddleware(RequestDelegate next, ILogger<TenantScopeMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http, TenantScope scope)
    {
        var tenant = Read(http.User, ScopeClaims.Tenant);
        scope.Enter(tenant, Read(http.User, ScopeClaims.User));
        Activity.Current?.SetTag(Telemetry.Tenant, tenant?.ToString());
        using (log.BeginScope(new KeyValuePair<string, object?>[] { new(Telemetry.Tenant, tenant) }))
        {
            await next(http);
        }
    }

    private static Guid? Read(ClaimsPrincipal user, string claim) =>
        Guid.TryParse(user.FindFirstValue(claim), out var id) ? id : null;
}
