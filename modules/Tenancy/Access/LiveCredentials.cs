using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Access;

/// <summary>What the bearer of an access token may do now.</summary>
/// <param name="Roles">In the tenant; none where it is not to be entered.</param>
/// <param name="Hindrance">For people: why the tenant is not to be entered; null when it is.</param>
/// <param name="Permissions">As one of the platform's staff; none without two factors.</param>
/// <param name="LacksTwoFactors">Whether that is why there are none.</param>
internal sealed record LiveSession(
    Guid UserId, Guid? TenantId, Guid SessionId, string[] Roles, string? Hindrance, DateTimeOffset Expires, IReadOnlyList<string> Permissions,
    bool LacksTwoFactors);

/// <summary>What the bearer of an API key may do now.</summary>
internal sealed record LiveKey(Guid Id, Guid TenantId, string[] Scopes, DateTimeOffset? Expires);

/// <summary>
/// Whether sessions and keys still hold. Answers are remembered for a minute, and forgotten at once on all hosts when something
/// about them changes (<see cref="ChangeFeed"/>).
/// </summary>
internal sealed class LiveCredentials(IServiceScopeFactory scopes, IMemoryCache cache, ChangeFeed changes, TimeProvider clock)
{
    private static readonly TimeSpan Memory = TimeSpan.FromMinutes(1);

    private sealed record Remembered<T>(T? Value, long ReadAt);

    /// <summary>The session of an access token; null when it has ended, or its person has left the tenant.</summary>
    public async Task<LiveSession?> SessionAsync(Guid userId, Guid? tenantId, Guid sessionId, CancellationToken ct)
    {
        var session = await changes.RememberAsync((nameof(SessionAsync), sessionId, tenantId), [userId, tenantId ?? Guid.Empty, sessionId],
            () => ReadSessionAsync(userId, tenantId, sessionId, ct));
        return session?.Expires > clock.GetUtcNow() ? session : null;
    }

    /// <summary>The key of this text; null when there is none that holds.</summary>
    public async Task<LiveKey?> KeyAsync(string key, CancellationToken ct)
    {
        var hash = ApiKey.HashOf(key);
        var name = Convert.ToHexString(hash);
        // Which key it is becomes known only by reading it.
        if (cache.TryGetValue(name, out Remembered<LiveKey>? known) && known!.Value is { } live
            && changes.HoldsSince(known.ReadAt, live.Id, live.TenantId))
        {
            return Unexpired(live);
        }

        var readAt = changes.Now;
        var read = await ReadKeyAsync(hash, ct);
        if (read is not null)
        {
            cache.Set(name, new Remembered<LiveKey>(read, readAt), Memory);
        }

        return Unexpired(read);
    }

    private LiveKey? Unexpired(LiveKey? key) => key?.Expires <= clock.GetUtcNow() ? null : key;

    private async Task<LiveSession?> ReadSessionAsync(Guid userId, Guid? tenantId, Guid sessionId, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantScope>().Enter(tenantId, userId);
        var db = scope.ServiceProvider.GetRequiredService<TenancyDb>();
        var session = await db.Sessions
            .Where(row => row.FamilyId == sessionId && row.UserId == userId && row.LastUsed == null)
            .Join(db.Credentials, row => row.UserId, credential => credential.UserId, (row, credential) => new { row.Expires, row.LoggedIn, credential.TwoFactorEnabled })
            .SingleOrDefaultAsync(ct);
        if (session is null)
        {
            return null;
        }

        var permissions = await scope.ServiceProvider.GetRequiredService<ISender>().Send(new GetPermissions(), ct);
        var live = new LiveSession(
            userId, tenantId, sessionId, [], null, session.Expires, session.TwoFactorEnabled ? permissions : [],
            LacksTwoFactors: permissions.Count > 0 && !session.TwoFactorEnabled);
        return tenantId is { } tenant ? await InTenantAsync(db, live, session.LoggedIn, tenant, session.TwoFactorEnabled, ct) : live;
    }

    private static async Task<LiveSession?> InTenantAsync(
        TenancyDb db, LiveSession live, DateTimeOffset loggedIn, Guid tenantId, bool twoFactorEnabled, CancellationToken ct)
    {
        var place = await db.Memberships
            .Where(membership => membership.TenantId == tenantId && membership.UserId == live.UserId && membership.Deleted == null)
            .Select(membership => new
            {
                membership.Roles,
                Tenant = db.Tenants.Single(tenant => tenant.Id == tenantId),
                Policies = db.Policies.Single(policies => policies.TenantId == tenantId),
            })
            .AsNoTracking()
            .SingleOrDefaultAsync(ct);
        if (place is null || place.Tenant.Deleted is not null)
        {
            return null;
        }

        var hindrance = place switch
        {
            { Tenant.Suspended: not null } => $"The tenant is suspended: {place.Tenant.SuspensionReason ?? "ask support"}.",
            { Roles: [] } => "An administrator has yet to approve your membership.",
            { Policies.TwoFactorRequired: true } when !twoFactorEnabled =>
                "The tenant asks for two factors: enrol an authenticator at POST /api/v1/account/two-factor first.",
            _ => null,
        };
        // A policy that was tightened since counts for what is open as well.
        var latest = loggedIn.AddHours(place.Policies.SessionTimeoutHours);
        live = live with { Expires = latest < live.Expires ? latest : live.Expires };
        return hindrance is null ? live with { Roles = place.Roles } : live with { Hindrance = hindrance };
    }

    private async Task<LiveKey?> ReadKeyAsync(byte[] hash, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TenancyDb>();
        var key = await db.ApiKeys.FromSql($"SELECT * FROM find_api_key({hash})").AsNoTracking().SingleOrDefaultAsync(ct);
        if (key is null || key.Revoked is not null)
        {
            return null;
        }

        scope.ServiceProvider.GetRequiredService<TenantScope>().Enter(key.TenantId);
        if (await db.Tenants.AnyAsync(tenant => tenant.Deleted != null || tenant.Suspended != null, ct)
            || await scope.ServiceProvider.GetRequiredService<ISender>().Send(new GetApiAccess(), ct) is { KeysAllowed: false })
        {
            return null;
        }

        // By the minute, which is as often as keys are read anew.
        var (now, stale) = (clock.GetUtcNow(), clock.GetUtcNow() - Memory);
        await db.ApiKeys.Where(row => row.Id == key.Id && (row.LastUsed == null || row.LastUsed < stale))
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.LastUsed, now), ct);
        return new LiveKey(key.Id, key.TenantId, key.Scopes, key.Expires);
    }
}
