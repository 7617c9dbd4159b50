using Microsoft.Extensions.DependencyInjection;

namespace PenguinMails.Shared;

/// <summary>Opens service scopes that act for a tenant, for work that no request started.</summary>
public static class TenantScopes
{
    /// <summary>A new service scope whose <see cref="TenantScope"/> is <paramref name="tenantId"/>.</summary>
    public static AsyncServiceScope CreateTenantScope(this IServiceScopeFactory scopes, Guid tenantId)
    {
        var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantScope>().Enter(tenantId);
        return scope;
    }
}
