using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Access;

/// <summary>
/// A key's scopes: <c>resource:read</c> or <c>resource:write</c>, where the resource is the first part of the path below
/// <c>/api/v1</c>, and <c>*:read</c>, <c>*:write</c>. Writing includes reading. Found in the routes, so that no module has to list its own.
/// </summary>
internal sealed class KeyScopes(EndpointDataSource endpoints)
{
    private const string Prefix = "api/v1/";

    /// <summary>Every scope there is.</summary>
    public IReadOnlyList<string> All =>
    [
        .. endpoints.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => AccessPolicies.OpenToKeys.Contains(data.Policy)))
            .Select(ResourceOf).OfType<string>().Append("*").Distinct().Order(StringComparer.Ordinal)
            .SelectMany(resource => new[] { $"{resource}:read", $"{resource}:write" }),
    ];

    /// <summary>For people: which scope the request's key lacks; null where that is not what keeps it out.</summary>
    public static string? WhyNot(HttpContext http) => http.User.HasClaim(claim => claim.Type == AccessClaims.Key)
        ? Needed(http) is { } needed && !IsMet(http, needed) ? $"The API key lacks the scope {needed}." : "This is for people, not for API keys."
        : null;

    /// <summary>Whether the caller is a person, or a program whose key has the scope for the request.</summary>
    public static bool Admit(HttpContext http) =>
        !http.User.HasClaim(claim => claim.Type == AccessClaims.Key) || (Needed(http) is { } needed && IsMet(http, needed));

    private static string? Needed(HttpContext http) =>
        ResourceOf(http.GetEndpoint() as RouteEndpoint) is { } resource ? $"{resource}:{(HttpMethods.IsGet(http.Request.Method) ? "read" : "write")}" : null;

    private static bool IsMet(HttpContext http, string needed)
    {
        var (resource, verb) = (needed.Split(':')[0], needed.Split(':')[1]);
        return http.User.FindAll(AccessClaims.Scope).Select(claim => claim.Value.Split(':'))
            .Any(scope => (scope[0] == resource || scope[0] == "*") && (scope[1] == verb || scope[1] == "write"));
    }

    private static string? ResourceOf(RouteEndpoint? endpoint) =>
        endpoint?.RoutePattern.RawText?.TrimStart('/') is { } path && path.StartsWith(Prefix, StringComparison.Ordinal)
            ? path[Prefix.Length..].Split('/')[0]
            : null;
}
