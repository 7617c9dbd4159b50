using System.Security.Claims;
using MediatR;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Access;

/// <summary>
/// Records each request of the staff before it runs, whichever module answers it, so that no endpoint can forget to. What is refused is
/// a security event already.
/// </summary>
internal sealed class AuditTrail(ISender modules, StaffActs acts) : IMiddleware
{
    private const string Prefix = "/api/v1";

    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint() is RouteEndpoint endpoint && PathOf(endpoint).StartsWith("/staff/", StringComparison.Ordinal) && Admits(endpoint, http.User))
        {
            await RecordAsync(http, PathOf(endpoint));
        }

        await next(http);
    }

    private async Task RecordAsync(HttpContext http, string path)
    {
        var values = http.Request.RouteValues;
        var tenantText = values.GetValueOrDefault("tenantId")?.ToString() ?? http.Request.Query["tenantId"].FirstOrDefault();
        Guid? tenantId = Guid.TryParse(tenantText, out var id) ? id : null;
        // Of /staff/feature-flags/{key}/overrides/{tenantId} the flag: the tenant has a column of its own.
        var resource = values.Where(value => value.Key != "tenantId").Select(value => value.Value?.ToString()).FirstOrDefault() ?? tenantText;
        await modules.Send(
            new RecordAudit($"{http.Request.Method} {path}", path.Split('/')[2], resource?[..Math.Min(resource.Length, 255)]) { TenantId = tenantId },
            CancellationToken.None);
        if (tenantId is { } tenant && await modules.Send(new GetTenantDetails(tenant), CancellationToken.None) is not null)
        {
            await acts.PublishAsync(SecurityActKind.StaffCrossTenantRead, tenant, "endpoint", $"{http.Request.Method} {path}");
        }
    }

    private static string PathOf(RouteEndpoint endpoint)
    {
        var path = "/" + endpoint.RoutePattern.RawText?.TrimStart('/');
        return path.StartsWith(Prefix, StringComparison.Ordinal) ? path[Prefix.Length..] : "";
    }

    private static bool Admits(RouteEndpoint endpoint, ClaimsPrincipal person)
    {
        var asked = endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>()
            .Select(data => data.Policy).OfType<string>().Where(Permissions.All.Contains).ToList();
        return asked.Count > 0 && asked.TrueForAll(person.May);
    }
}

internal static class StaffPrincipal
{
    /// <summary>Whether the caller is of the staff and has the permission.</summary>
    public static bool May(this ClaimsPrincipal person, string permission) => person.HasClaim(PermissionClaim.Type, permission);
}
