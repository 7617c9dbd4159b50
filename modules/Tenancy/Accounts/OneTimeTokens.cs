using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Accounts;

/// <summary>Tokens that are mailed and work once. The database has their hashes only, so they are made when the mail is.</summary>
internal sealed class OneTimeTokens(TenancyDb db, TenantScope scope, TimeProvider clock)
{
    // 6 digits: enough against five guesses.
    private const int MaxAttempts = 5;

    /// <summary>Of 256 bits, to be mailed; <see cref="HashOf"/> is what is kept.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    /// <summary>Makes a token with a code for the current person and saves; earlier ones of the purpose no longer work.</summary>
    public async Task<(string Token, string Code)> MakeAsync(string purpose, string email, TimeSpan life, CancellationToken ct)
    {
        var (token, code, now) = (NewToken(), RandomNumberGenerator.GetString("0123456789", 6), clock.GetUtcNow());
        await EndAsync(purpose, ct);
        var row = new UserToken
        {
            Id = Guid.CreateVersion7(),
            UserId = scope.UserId!.Value,
            Purpose = purpose,
            Email = email,
            TokenHash = HashOf(token),
            CodeHash = HashOf(code),
            Created = now,
            Expires = now + life,
        };
        db.Tokens.Add(row);
        await db.SaveChangesAsync(ct);
        return (token, code);
    }

    /// <summary>Whether one of the purpose was mailed to the current person less than a minute ago: nobody's mailbox is flooded.</summary>
    public Task<bool> IsRecentAsync(string purpose, CancellationToken ct)
    {
        var recent = clock.GetUtcNow().AddMinutes(-1);
        return db.Tokens.AnyAsync(row => row.Purpose == purpose && row.Used == null && row.Created > recent, ct);
    }

    /// <summary>A link's token, not used yet, and enters its person's scope; null where it does not work, or no longer.</summary>
    public async Task<UserToken?> FindAsync(string purpose, string token, CancellationToken ct)
    {
        var (hash, now) = (HashOf(token), clock.GetUtcNow());
        var row = await db.Tokens.FromSql($"SELECT * FROM find_user_token({purpose}, {hash})").AsNoTracking().SingleOrDefaultAsync(ct);
        if (row is not { Used: null } || row.Expires <= now)
        {
            return null;
        }

        scope.Enter(null, row.UserId);
        return row;
    }

    /// <summary>Uses a link's token up and enters its person's scope; null where it does not work, or no longer.</summary>
    public async Task<UserToken?> RedeemAsync(string purpose, string token, CancellationToken ct) =>
        await FindAsync(purpose, token, ct) is { } row && await UseAsync(row, ct) ? row : null;

    /// <summary>Uses the current person's code up; null where it is wrong, or was guessed at too often.</summary>
    public async Task<UserToken?> RedeemCodeAsync(string purpose, string code, CancellationToken ct)
    {
        var row = await db.Tokens.AsNoTracking()
            .Where(one => one.Purpose == purpose && one.Used == null)
            .OrderByDescending(one => one.Id)
            .FirstOrDefaultAsync(ct);
        // Counted before it is looked at: guesses made at once count each.
        if (row is null || await db.Tokens.Where(one => one.Id == row.Id && one.Attempts < MaxAttempts)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Attempts, one => one.Attempts + 1), ct) == 0)
        {
            return null;
        }

        return CryptographicOperations.FixedTimeEquals(row.CodeHash, HashOf(code.Trim())) && await UseAsync(row, ct) ? row : null;
    }

    /// <summary>The current person's tokens of the purpose no longer work.</summary>
    public Task EndAsync(string purpose, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Tokens.Where(row => row.Purpose == purpose && row.Used == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Used, now), ct);
    }

    /// <summary>Uses a token of the current person up.</summary>
    /// <returns>False when another request was first.</returns>
    public async Task<bool> UseAsync(UserToken row, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Tokens.Where(one => one.Id == row.Id && one.Used == null && one.Expires > now)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Used, now), ct) == 1;
    }
}
