using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>
/// Lets ASP.NET Core Identity work on <c>user_credentials</c>. What two requests may do at once (count a failure, use a recovery
/// code) is one statement; the rest is saved by <see cref="UpdateAsync"/>.
/// </summary>
internal sealed class AccountStore(TenancyDb db, IDataProtectionProvider protection)
    : IUserPasswordStore<UserCredential>, IUserLockoutStore<UserCredential>, IUserTwoFactorStore<UserCredential>,
        IUserAuthenticatorKeyStore<UserCredential>, IUserTwoFactorRecoveryCodeStore<UserCredential>
{
    public Task<string> GetUserIdAsync(UserCredential user, CancellationToken ct) => Task.FromResult(user.UserId.ToString());

    public Task<string?> GetUserNameAsync(UserCredential user, CancellationToken ct) => Task.FromResult<string?>(user.Email);

    public Task SetUserNameAsync(UserCredential user, string? userName, CancellationToken ct) =>
        throw new NotSupportedException("An address changes through its verification.");

    public Task<string?> GetNormalizedUserNameAsync(UserCredential user, CancellationToken ct) => Task.FromResult<string?>(user.Email);

    // The column is in lower case already.
    public Task SetNormalizedUserNameAsync(UserCredential user, string? normalizedName, CancellationToken ct) => Task.CompletedTask;

    public async Task<IdentityResult> CreateAsync(UserCredential user, CancellationToken ct)
    {
        db.Credentials.Add(user);
        return await UpdateAsync(user, ct);
    }

    public async Task<IdentityResult> UpdateAsync(UserCredential user, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        return IdentityResult.Success;
    }

    public async Task<IdentityResult> DeleteAsync(UserCredential user, CancellationToken ct)
    {
        db.Credentials.Remove(user);
        return await UpdateAsync(user, ct);
    }

    public Task<UserCredential?> FindByIdAsync(string userId, CancellationToken ct) =>
        db.Credentials.SingleOrDefaultAsync(credential => credential.UserId == Guid.Parse(userId), ct);

    public Task<UserCredential?> FindByNameAsync(string normalizedUserName, CancellationToken ct) =>
        db.Credentials.SingleOrDefaultAsync(credential => credential.Email == normalizedUserName, ct);

    public Task SetPasswordHashAsync(UserCredential user, string? passwordHash, CancellationToken ct)
    {
        user.PasswordHash = passwordHash ?? throw new ArgumentNullException(nameof(passwordHash));
        return Task.CompletedTask;
    }

    public Task<string?> GetPasswordHashAsync(UserCredential user, CancellationToken ct) => Task.FromResult<string?>(user.PasswordHash);

    public Task<bool> HasPasswordAsync(UserCredential user, CancellationToken ct) => Task.FromResult(true);

    public Task<DateTimeOffset?> GetLockoutEndDateAsync(UserCredential user, CancellationToken ct) => Task.FromResult(user.LockedUntil);

    public Task SetLockoutEndDateAsync(UserCredential user, DateTimeOffset? lockoutEnd, CancellationToken ct)
    {
        user.LockedUntil = lockoutEnd;
        return Task.CompletedTask;
    }

    public async Task<int> IncrementAccessFailedCountAsync(UserCredential user, CancellationToken ct) => (await db.Database
        .SqlQuery<int>($"UPDATE user_credentials SET failed_attempts = failed_attempts + 1 WHERE user_id = {user.UserId} RETURNING failed_attempts AS \"Value\"")
        .ToListAsync(ct)).Single();

    public Task ResetAccessFailedCountAsync(UserCredential user, CancellationToken ct) => db.Credentials
        .Where(credential => credential.UserId == user.UserId)
        .ExecuteUpdateAsync(row => row.SetProperty(credential => credential.FailedAttempts, 0), ct);

    public Task<int> GetAccessFailedCountAsync(UserCredential user, CancellationToken ct) => db.Credentials
        .Where(credential => credential.UserId == user.UserId)
        .Select(credential => credential.FailedAttempts)
        .SingleAsync(ct);

    public Task<bool> GetLockoutEnabledAsync(UserCredential user, CancellationToken ct) => Task.FromResult(true);

    public Task SetLockoutEnabledAsync(UserCredential user, bool enabled, CancellationToken ct) =>
        throw new NotSupportedException("Every account can be locked.");

    public Task SetTwoFactorEnabledAsync(UserCredential user, bool enabled, CancellationToken ct)
    {
        user.TwoFactorEnabled = enabled;
        return Task.CompletedTask;
    }

    public Task<bool> GetTwoFactorEnabledAsync(UserCredential user, CancellationToken ct) => Task.FromResult(user.TwoFactorEnabled);

    public Task SetAuthenticatorKeyAsync(UserCredential user, string key, CancellationToken ct)
    {
        user.AuthenticatorKey = KeyProtector(user).Protect(Encoding.ASCII.GetBytes(key));
        return Task.CompletedTask;
    }

    public Task<string?> GetAuthenticatorKeyAsync(UserCredential user, CancellationToken ct) => Task.FromResult(
        user.AuthenticatorKey is null ? null : Encoding.ASCII.GetString(KeyProtector(user).Unprotect(user.AuthenticatorKey)));

    public Task ReplaceCodesAsync(UserCredential user, IEnumerable<string> recoveryCodes, CancellationToken ct)
    {
        user.RecoveryCodes = [.. recoveryCodes.Select(HashOf)];
        return Task.CompletedTask;
    }

    public async Task<bool> RedeemCodeAsync(UserCredential user, string code, CancellationToken ct)
    {
        var hash = HashOf(code);
        return await db.Database.ExecuteSqlAsync(
            $"UPDATE user_credentials SET recovery_codes = array_remove(recovery_codes, {hash}) WHERE user_id = {user.UserId} AND {hash} = ANY (recovery_codes)",
            ct) == 1;
    }

    public Task<int> CountCodesAsync(UserCredential user, CancellationToken ct) => Task.FromResult(user.RecoveryCodes.Length);

    public void Dispose()
    {
        // The context is the scope's.
    }

    private IDataProtector KeyProtector(UserCredential user) => protection.CreateProtector("PenguinMails.Authenticator", user.UserId.ToString());

    private static string HashOf(string code) => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(code.ToUpperInvariant())));
}
