using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Access;

/// <summary>Publishes what staff do that matters for security.</summary>
internal sealed class StaffActs(IServiceScopeFactory scopes, TenantScope scope, IHttpContextAccessor http)
{
    /// <param name="tenantId">The tenant concerned, which must exist: its administrators see the event. Null where it is the platform.</param>
    public async Task PublishAsync(
        SecurityActKind kind, Guid? tenantId, string resourceType, string? resourceId, IReadOnlyDictionary<string, string>? details = null)
    {
        // In that tenant's scope: what is written of a tenant is written within it.
        await using var services = scopes.CreateAsyncScope();
        services.ServiceProvider.GetRequiredService<TenantScope>().Enter(tenantId, scope.UserId);
        var act = new SecurityAct(kind)
        {
            UserId = scope.UserId,
            TenantId = tenantId,
            Address = http.HttpContext?.Connection.RemoteIpAddress,
            UserAgent = http.HttpContext?.Request.Headers.UserAgent,
            ResourceType = resourceType,
            ResourceId = resourceId,
            Details = details,
        };
        // Not cancelled with the request: who hangs up is recorded all the same.
        await services.ServiceProvider.GetRequiredService<IPublisher>().Publish(act, CancellationToken.None);
    }
}
