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

    private const int MostPerDay = 10;

    /// <summary>Of 256 bits, to be mailed; <see cref="HashOf"/> is what is kept.</summary>
    public static string NewToken() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] HashOf(string token) => SHA256.HashData(Encoding.ASCII.GetBytes(token));

    /// <summary>Makes a token with a code for the current person and saves; earlier ones of the purpose no longer work.</summary>
    public async Task<(string Token, string Code)> MakeAsync(string purpose, string email, TimeSpan life, CancellationToken ct)
    {
        // What somebody chose when they signed up goes on with the mail that follows.
        var chosen = await db.Tokens.AsNoTracking().Where(row => row.Purpose == purpose).OrderByDescending(row => row.Id).FirstOrDefaultAsync(ct);
        await EndAsync(purpose, ct);
        return await FillAsync(Add(purpose, email, life, chosen?.PasswordHash, chosen?.Name), ct);
    }

    /// <summary>Keeps what somebody chose who signed up with the current person's address, which nobody has proved yet.</summary>
    /// <returns>The id of a token to mail: what was chosen counts once that is redeemed.</returns>
    public async Task<Guid> ReserveAsync(string purpose, string email, TimeSpan life, string passwordHash, string name, CancellationToken ct)
    {
        var row = Add(purpose, email, life, passwordHash, name);
        await db.SaveChangesAsync(ct);
        return row.Id;
    }

    /// <summary>Makes the token and code of a reserved row of the current person; null where it is used already.</summary>
    public async Task<(string Token, string Code)?> MakeReservedAsync(Guid id, CancellationToken ct) =>
        await db.Tokens.SingleOrDefaultAsync(row => row.Id == id && row.Used == null, ct) is { } row ? await FillAsync(row, ct) : null;

    private UserToken Add(string purpose, string email, TimeSpan life, string? passwordHash, string? name)
    {
        var now = clock.GetUtcNow();
        return db.Tokens.Add(new UserToken
        {
            Id = Guid.CreateVersion7(now),
            UserId = scope.UserId!.Value,
            Purpose = purpose,
            Email = email,
            TokenHash = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes),
            PasswordHash = passwordHash,
            Name = name,
            Created = now,
            Expires = now + life,
        }).Entity;
    }

    private async Task<(string Token, string Code)> FillAsync(UserToken row, CancellationToken ct)
    {
        var (token, code) = (NewToken(), RandomNumberGenerator.GetString("0123456789", 6));
        (row.TokenHash, row.CodeHash) = (HashOf(token), HashOf(code));
        await db.SaveChangesAsync(ct);
        return (token, code);
    }

    /// <summary>
    /// Whether the current person was mailed one of the purpose less than a minute ago, or ten within a day: nobody's mailbox is
    /// flooded, and codes cannot be guessed at for ever.
    /// </summary>
    public async Task<bool> IsEnoughAsync(string purpose, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var times = await db.Tokens.Where(row => row.Purpose == purpose && row.Created > now.AddDays(-1))
            .OrderByDescending(row => row.Created).Select(row => new { row.Created, row.Used }).Take(MostPerDay).ToListAsync(ct);
        return times.Count == MostPerDay || (times is [{ Used: null } last, ..] && last.Created > now.AddMinutes(-1));
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
        var (now, hash, userId) = (clock.GetUtcNow(), HashOf(code.Trim()), scope.UserId);
        // Counted before it is looked at: guesses made at once count each.
        var rows = await db.Tokens.FromSql(
            $"""
            UPDATE user_tokens SET attempts = attempts + 1
            WHERE user_id = {userId} AND purpose = {purpose} AND used IS NULL AND expires > {now} AND attempts < {MaxAttempts} AND code_hash IS NOT NULL
            RETURNING *
            """).AsNoTracking().ToListAsync(ct);
        var row = rows.Find(one => CryptographicOperations.FixedTimeEquals(one.CodeHash, hash));
        return row is not null && await UseAsync(row, ct) ? row : null;
    }

    /// <summary>The current person's tokens of the purpose no longer work.</summary>
    public Task EndAsync(string purpose, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.Tokens.Where(row => row.Purpose == purpose && row.Used == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Used, now), ct);
    }

    /// <summary>As if the one of the current person that still works had never been made: its mail did not go out.</summary>
    public Task ForgetOpenAsync(string purpose) =>
        db.Tokens.Where(row => row.Purpose == purpose && row.Used == null).ExecuteDeleteAsync(CancellationToken.None);

    /// <summary>Uses a token of the current person up.</summary>
    /// <returns>False when another request was first.</returns>
    public async Task<bool> UseAsync(UserToken row, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return await db.Tokens.Where(one => one.Id == row.Id && one.Used == null && one.Expires > now)
            .ExecuteUpdateAsync(set => set.SetProperty(one => one.Used, now), ct) == 1;
    }
}
