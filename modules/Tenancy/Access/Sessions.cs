using System.Linq.Expressions;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Access;

/// <summary>What a log-in gives.</summary>
/// <param name="AccessToken">Sent as <c>Authorization: Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds until the access token ends.</param>
/// <param name="RefreshToken">For <c>POST /auth/refresh</c>, once.</param>
/// <param name="RefreshExpires">When the session ends, however often it is refreshed.</param>
/// <param name="TenantId">Null for a person who belongs to no tenant.</param>
/// <param name="Hindrance">Why the tenant is not to be entered yet; null when it is.</param>
internal sealed record AccessGrant(
    string AccessToken, int ExpiresIn, string TokenType, string RefreshToken, DateTimeOffset RefreshExpires, Guid UserId, Guid? TenantId,
    string? Hindrance);

/// <summary>Opens, refreshes and ends sessions. An access token is short-lived, sealed by Data Protection, and names its session.</summary>
internal sealed class Sessions(
    TenancyDb db, TenantScope scope, AccessTokens tokens, ChangeFeed changes, LiveCredentials live, IHttpContextAccessor http,
    IOptions<AccountOptions> options, TimeProvider clock)
{
    // For somebody whom no tenant's policy binds.
    private const int HoursWithoutTenant = 8;

    /// <summary>Opens a session of the current person in the tenant, for as long as its policy says.</summary>
    /// <param name="passwordHash">What the password was checked against; null comes back where it has been changed meanwhile.</param>
    public async Task<AccessGrant?> OpenAsync(Guid? tenantId, string passwordHash, CancellationToken ct)
    {
        var userId = scope.UserId!.Value;
        scope.Enter(tenantId, userId);
        await using var transaction = await BeginAsync(userId, ct);
        return await db.Credentials.AnyAsync(credential => credential.UserId == userId && credential.PasswordHash == passwordHash, ct)
            ? await GrantAsync(transaction, Guid.CreateVersion7(), clock.GetUtcNow(), ct)
            : null;
    }

    /// <summary>Opens a session in another tenant beside one that goes on; the time since the log-in counts there too.</summary>
    /// <returns>Null when that was too long ago for the tenant, or the session has ended meanwhile.</returns>
    public async Task<AccessGrant?> OpenBesideAsync(Guid sessionId, Guid tenantId, CancellationToken ct)
    {
        var userId = scope.UserId!.Value;
        scope.Enter(tenantId, userId);
        await using var transaction = await BeginAsync(userId, ct);
        var loggedIn = await db.Sessions.Where(row => row.FamilyId == sessionId && row.UserId == userId && row.LastUsed == null)
            .Select(row => (DateTimeOffset?)row.LoggedIn).SingleOrDefaultAsync(ct);
        return loggedIn is { } since ? await GrantAsync(transaction, Guid.CreateVersion7(), since, ct) : null;
    }

    /// <summary>
    /// Exchanges a refresh token. One that was exchanged before is in two hands, so its session ends, and null comes back as for
    /// one that never was.
    /// </summary>
    /// <returns>And whether a session was ended for that reason.</returns>
    public async Task<(AccessGrant? Grant, bool IsReplay)> RefreshAsync(string refreshToken, CancellationToken ct)
    {
        var hash = OneTimeTokens.HashOf(refreshToken);
        var session = await db.Sessions.FromSql($"SELECT * FROM find_session({hash})").AsNoTracking().SingleOrDefaultAsync(ct);
        var now = clock.GetUtcNow();
        if (session is null || session.Expires <= now)
        {
            return (null, false);
        }

        scope.Enter(session.TenantId, session.UserId);
        await using (var transaction = await BeginAsync(session.UserId, ct))
        {
            var isSpentNow = await db.Sessions.Where(row => row.Id == session.Id && row.LastUsed == null)
                .ExecuteUpdateAsync(row => row.SetProperty(one => one.LastUsed, now), ct) == 1;
            if (isSpentNow)
            {
                return (await GrantAsync(transaction, session.FamilyId, session.LoggedIn, ct), false);
            }
        }

        return (null, await EndAsync(session.FamilyId, ct));
    }

    /// <summary>Ends one of the current person's sessions.</summary>
    /// <returns>False when there is none of that id.</returns>
    public async Task<bool> EndAsync(Guid sessionId, CancellationToken ct)
    {
        var userId = scope.UserId!.Value;
        return await EndAsync(userId, sessionId, row => row.FamilyId == sessionId, ct) > 0;
    }

    /// <summary>
    /// Ends the current person's sessions, in whichever tenant. Saves what was changed as well: a new password and the end of what
    /// the old one opened are one.
    /// </summary>
    /// <param name="except">One that stays.</param>
    public Task EndAllAsync(Guid? except, CancellationToken ct)
    {
        var userId = scope.UserId!.Value;
        return EndAsync(userId, userId, row => row.FamilyId != except, ct);
    }

    /// <summary>Ends somebody's sessions in the current tenant.</summary>
    public Task EndInTenantAsync(Guid userId, CancellationToken ct)
    {
        var tenantId = scope.RequiredTenantId;
        return EndAsync(userId, userId, row => row.TenantId == tenantId, ct);
    }

    private async Task<int> EndAsync(Guid userId, Guid changed, Expression<Func<UserSession, bool>> which, CancellationToken ct)
    {
        int ended;
        await using (var transaction = await BeginAsync(userId, ct))
        {
            await db.SaveChangesAsync(ct);
            ended = await db.Sessions.Where(row => row.UserId == userId).Where(which).ExecuteDeleteAsync(ct);
            await transaction.CommitAsync(ct);
        }

        await changes.TellAsync(changed);
        return ended;
    }

    // One at a time for each person: a session that is about to be opened or renewed must not outlive the end of all.
    private async Task<TenantTransaction> BeginAsync(Guid userId, CancellationToken ct)
    {
        var transaction = await TenantTransaction.BeginAsync(db, ct);
        await db.LockAsync($"sessions:{userId}", ct);
        return transaction;
    }

    private async Task<AccessGrant?> GrantAsync(TenantTransaction transaction, Guid session, DateTimeOffset loggedIn, CancellationToken ct)
    {
        var (now, userId, tenantId) = (clock.GetUtcNow(), scope.UserId!.Value, scope.TenantId);
        var hours = tenantId is null ? HoursWithoutTenant : await db.Policies.Select(policies => policies.SessionTimeoutHours).SingleAsync(ct);
        var expires = loggedIn.AddHours(hours);
        if (expires <= now)
        {
            return null;
        }

        var refreshToken = OneTimeTokens.NewToken();
        db.Sessions.Add(new UserSession
        {
            Id = Guid.CreateVersion7(),
            UserId = userId,
            TenantId = tenantId,
            FamilyId = session,
            LoggedIn = loggedIn,
            RefreshTokenHash = OneTimeTokens.HashOf(refreshToken),
            IpAddress = http.HttpContext?.Connection.RemoteIpAddress,
            UserAgent = http.HttpContext?.Request.Headers.UserAgent,
            Created = now,
            Expires = expires,
        });
        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
        await changes.TellAsync(session);
        var accessExpires = now.AddMinutes(options.Value.AccessTokenMinutes);
        accessExpires = accessExpires < expires ? accessExpires : expires;
        var hindrance = (await live.SessionAsync(userId, tenantId, session, ct))?.Hindrance;
        return new AccessGrant(
            tokens.Make(userId, tenantId, session, accessExpires), (int)(accessExpires - now).TotalSeconds, "Bearer", refreshToken, expires,
            userId, tenantId, hindrance);
    }
}
