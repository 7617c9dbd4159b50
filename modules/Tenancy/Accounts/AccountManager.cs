using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>
/// ASP.NET Core Identity's hashing, password rules, lockout, authenticator and recovery codes, each under the strictest rules of
/// the tenants that the person belongs to.
/// </summary>
internal sealed class AccountManager(
    AccountStore store, IPasswordHasher<UserCredential> hasher, IEnumerable<IPasswordValidator<UserCredential>> validators,
    IServiceProvider services, ILogger<AccountManager> log, IOptions<AccountOptions> accountOptions,
    TenancyDb db, TenantScope scope, TimeProvider clock)
    : UserManager<UserCredential>(
        store, Microsoft.Extensions.Options.Options.Create(new IdentityOptions()), hasher, [], validators, new UpperInvariantLookupNormalizer(),
        new IdentityErrorDescriber(), services, log)
{
    // Verified when there is no account, so that the answer takes as long.
    private static readonly string NobodysHash = new PasswordHasher<UserCredential>().HashPassword(null!, "nobody");

    // Identity takes a code for up to 90 seconds before and after its time.
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(4);

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
    public void CheckNobodysPassword(string password) => PasswordHasher.VerifyHashedPassword(null!, NobodysHash, password);

    /// <summary>What the rules say against a password; empty where it will do.</summary>
    public async Task<IReadOnlyList<string>> FaultsOfAsync(UserCredential? credential, string password)
    {
        var results = await Task.WhenAll(PasswordValidators.Select(rule => rule.ValidateAsync(this, credential!, password)));
        return [.. results.SelectMany(result => result.Errors).Select(error => error.Description)];
    }

    /// <summary>Replaces the password; the caller has asked <see cref="FaultsOfAsync"/> and saves.</summary>
    public void SetPassword(UserCredential credential, string password) =>
        credential.PasswordHash = PasswordHasher.HashPassword(credential, password);

    /// <summary>Asks somebody who is logged in for the password again: guesses count as they do at log-in.</summary>
    /// <returns>Null when it is right, else why not, for people.</returns>
    public async Task<string?> ConfirmAsync(UserCredential credential, string password)
    {
        if (await IsLockedOutAsync(credential))
        {
            return "Too many wrong passwords: try again later.";
        }

        if (await CheckPasswordAsync(credential, password))
        {
            await ResetAccessFailedCountAsync(credential);
            return null;
        }

        await AccessFailedAsync(credential);
        return "The password is wrong.";
    }

    /// <summary>Accepts each code of the authenticator once.</summary>
    public async Task<bool> UseCodeAsync(UserCredential credential, string code, CancellationToken ct)
    {
        code = code.Replace(" ", "", StringComparison.Ordinal);
        if (!await VerifyTwoFactorTokenAsync(credential, TokenOptions.DefaultAuthenticatorProvider, code))
        {
            return false;
        }

        var (now, fresh) = (clock.GetUtcNow(), clock.GetUtcNow() - CodeLife);
        return await db.Credentials
            .Where(row => row.UserId == credential.UserId && (row.LastCode != code || row.LastCodeUsed == null || row.LastCodeUsed < fresh))
            .ExecuteUpdateAsync(row => row.SetProperty(one => one.LastCode, code).SetProperty(one => one.LastCodeUsed, now), ct) == 1;
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
