using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>Publishes what matters for security, with whom and where it came from.</summary>
internal sealed class SecurityActs(IPublisher modules, TenantScope scope, IHttpContextAccessor http)
{
    /// <summary>Done by the current person, or tried where <paramref name="failure"/> says why not.</summary>
    public Task PublishAsync(
        SecurityActKind kind, string? failure = null, string? resourceType = null, string? resourceId = null,
        IReadOnlyDictionary<string, string>? details = null) => PublishAsync(new SecurityAct(kind)
        {
            UserId = scope.UserId,
            TenantId = scope.TenantId,
            Failure = failure,
            ResourceType = resourceType,
            ResourceId = resourceId,
            Details = details,
        });

    /// <summary>403 where a role lets somebody in but not that far; recorded as what authorisation refuses is.</summary>
    public async Task<ProblemHttpResult> RefuseAsync(string title, string? resourceType = null, Guid? resourceId = null)
    {
        await PublishAsync(SecurityActKind.PermissionDenied, title, resourceType, resourceId?.ToString());
        return TypedResults.Problem(title: title, statusCode: StatusCodes.Status403Forbidden);
    }

    /// <summary>The request's origin is filled in. Not cancelled with the request: who hangs up is recorded all the same.</summary>
    public Task PublishAsync(SecurityAct act) => modules.Publish(
        act with { Address = http.HttpContext?.Connection.RemoteIpAddress, UserAgent = http.HttpContext?.Request.Headers.UserAgent }, CancellationToken.None);
}
