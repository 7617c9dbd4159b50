using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared.Database;

namespace PenguinMails.Shared;

/// <summary>Opens service scopes that act for a tenant, for work that no request started.</summary>
public static class TenantScopes
{
    /// <summary>A new service scope whose <see cref="TenantScope"/> is <paramref name="tenantId"/>, and whose connections keep out of requests' way.</summary>
    public static AsyncServiceScope CreateTenantScope(this IServiceScopeFactory scopes, Guid tenantId)
    {
        var scope = scopes.CreateAsyncScope();
        var entered = scope.ServiceProvider.GetRequiredService<TenantScope>();
        entered.Enter(tenantId);
        entered.Pool = PoolName.Worker;
        return scope;
    }
}
