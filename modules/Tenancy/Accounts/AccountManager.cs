using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>
/// ASP.NET Core Identity's hashing, password rules, lockout, authenticator and recovery codes, each under the strictest rules of
/// the tenants that the person belongs to.
/// </summary>
internal sealed class AccountManager(
    AccountStore store, IPasswordHasher<UserCredential> hasher, IEnumerable<IPasswordValidator<UserCredential>> validators,
    IServiceProvider services, ILogger<AccountManager> log, IOptions<AccountOptions> accountOptions,
    TenancyDb db, TenantScope scope, SecurityActs acts, TimeProvider clock)
    : UserManager<UserCredential>(
        store, Microsoft.Extensions.Options.Options.Create(new IdentityOptions()), hasher, [], validators, new UpperInvariantLookupNormalizer(),
        new IdentityErrorDescriber(), services, log)
{
    // Verified when there is no account, so that the answer takes as long.
    private static string? _nobodysHash;

    // Identity takes a code for up to 90 seconds before and after its time.
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(4);

    // Eight codes of six digits, and what lies between.
    private const int CodesKept = 55;

    /// <summary>The account with this address; null where there is none. Looked up without any scope.</summary>
    public async Task<Guid?> FindAsync(string email, CancellationToken ct) =>
        await db.Database.SqlQuery<Guid?>($"SELECT find_login({email.Trim()}) AS \"Value\"").SingleAsync(ct);

    /// <summary>Enters the person's scope, without a tenant, and takes on the rules for the account.</summary>
    public async Task<UserCredential> EnterAsync(Guid userId, CancellationToken ct)
    {
        scope.Enter(null, userId);
        await TakeRulesAsync(ct);
        return await db.Credentials.SingleAsync(credential => credential.UserId == userId, ct);
    }

    /// <summary>Whether the current person's address is verified, or need not be for this tenant. Enters the tenant.</summary>
    public async Task<bool> IsVerifiedForAsync(Guid userId, Guid? tenantId, CancellationToken ct)
    {
        scope.Enter(tenantId, userId);
        return await db.Users.AnyAsync(user => user.Id == userId && user.EmailVerified != null, ct)
            || (tenantId is not null && !await db.Policies.AnyAsync(policies => policies.CompanyRequireEmailVerification, ct));
    }

    /// <summary>Takes as long as a password of an account that there is.</summary>
    public void CheckNobodysPassword(string password) =>
        PasswordHasher.VerifyHashedPassword(null!, _nobodysHash ??= PasswordHasher.HashPassword(null!, "nobody"), password);

    /// <summary>What the rules say against a password; empty where it will do.</summary>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(UserCredential? credential, string password)
    {
        var results = await Task.WhenAll(PasswordValidators.Select(rule => rule.ValidateAsync(this, credential!, password)));
        return [.. results.SelectMany(result => result.Errors).Select(error => error.Description)];
    }

    /// <summary>Replaces the password; the caller has asked <see cref="FaultsOfAsync"/> and saves.</summary>
    public void SetPassword(UserCredential credential, string password) =>
        credential.PasswordHash = PasswordHasher.HashPassword(credential, password);

    /// <summary>Whether it is locked by now, whatever was read before.</summary>
    public Task<bool> IsLockedNowAsync(UserCredential credential, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Credentials.AnyAsync(row => row.UserId == credential.UserId && row.LockedUntil > now, ct);
    }

    /// <summary>Asks somebody who is logged in for the password again: guesses count as they do at log-in.</summary>
    /// <returns>Null when it is right, else why not, for people.</returns>
    public async Task<string?> ConfirmAsync(UserCredential credential, string password)
    {
        if (await IsLockedOutAsync(credential))
        {
            return "Too many wrong passwords: try again later.";
        }

        if (!await CheckPasswordAsync(credential, password))
        {
            await FailAsync(credential, "wrong password");
            return "The password is wrong.";
        }

        if (await IsLockedNowAsync(credential, CancellationToken.None))
        {
            return "Too many wrong passwords: try again later.";
        }

        await ResetAccessFailedCountAsync(credential);
        return null;
    }

    /// <summary>Counts a wrong password or code, and records it and the lock that may follow.</summary>
    public async Task FailAsync(UserCredential credential, string reason)
    {
        await AccessFailedAsync(credential);
        if (await IsLockedOutAsync(credential))
        {
            await acts.PublishAsync(SecurityActKind.AccountLocked, $"too many failures, until {credential.LockedUntil:u}");
        }

        await acts.PublishAsync(SecurityActKind.LoginFailed, reason);
    }

    /// <summary>Accepts each code of the authenticator once.</summary>
    public async Task<bool> UseCodeAsync(UserCredential credential, string code, CancellationToken ct)
    {
        code = code.Replace(" ", "", StringComparison.Ordinal);
        // Identity parses a number: "+123456" would be the same code once more.
        if (code.Length != 6 || !code.All(char.IsAsciiDigit) || !await VerifyTwoFactorTokenAsync(credential, TokenOptions.DefaultAuthenticatorProvider, code))
        {
            return false;
        }

        var (now, fresh) = (clock.GetUtcNow(), clock.GetUtcNow() - CodeLife);
        // All that may still be valid are kept, so that none of them works again after another.
        return await db.Database.ExecuteSqlAsync(
            $"""
            UPDATE user_credentials
            SET last_code = CASE WHEN last_code_used > {fresh} THEN left({code} || ' ' || last_code, {CodesKept}) ELSE {code} END, last_code_used = {now}
            WHERE user_id = {credential.UserId}
              AND NOT coalesce(last_code_used > {fresh} AND {code} = ANY (string_to_array(last_code, ' ')), false)
            """,
            ct) == 1;
    }

    private async Task TakeRulesAsync(CancellationToken ct)
    {
        RegisterTokenProvider(TokenOptions.DefaultAuthenticatorProvider, new AuthenticatorTokenProvider<UserCredential>());
        var rules = await db.Database.SqlQuery<Rules>($"SELECT * FROM account_rules()").SingleAsync(ct);
        Take(rules.MinLength, rules.Uppercase, rules.Numbers, rules.Symbols);
        Options.Lockout.MaxFailedAccessAttempts = rules.MaxAttempts;
        Options.Lockout.DefaultLockoutTimeSpan = TimeSpan.FromMinutes(accountOptions.Value.LockMinutes);
        TwoFactorRequired = rules.TwoFactor;
    }

    /// <summary>Whether a tenant of the person asks for two factors.</summary>
    public bool TwoFactorRequired { get; private set; }

    /// <summary>Takes on the rules of one tenant, for somebody who is not in it yet.</summary>
    public void Take(int minLength, bool uppercase, bool numbers, bool symbols) => Options.Password = new PasswordOptions
    {
        RequiredLength = minLength,
        RequireUppercase = uppercase,
        RequireDigit = numbers,
        RequireNonAlphanumeric = symbols,
        RequireLowercase = false,
        RequiredUniqueChars = 1,
    };

    private sealed record Rules(int MinLength, bool Uppercase, bool Numbers, bool Symbols, int MaxAttempts, bool TwoFactor);
}
