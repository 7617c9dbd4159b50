using System.Net;
using Microsoft.Extensions.Options;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>
/// The host's token of Vault: the configured one, or AppRole's. It is renewed when two thirds of its lease are over; AppRole logs in
/// again where that is no longer granted.
/// </summary>
internal sealed class VaultTokens(VaultApi api, IOptions<VaultOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1);
    private Lease? _lease;
    private (int Count, SecretStoreException? Last) _faults;

    private sealed record Login(Grant? Auth);

    private sealed record Grant(string? ClientToken, long LeaseDuration, bool Renewable);

    private sealed record Lookup(Own? Data);

    private sealed record Own(long Ttl, bool Renewable);

    private VaultOptions Options => options.Value;

    /// <summary>When the configured token ends for good; null where it does not, or is not known yet.</summary>
    public DateTimeOffset? EndsForGood => Options.Token is not null && _lease is { CanBeRenewed: false } lease && lease.Ends != DateTimeOffset.MaxValue
        ? lease.Ends
        : null;

    /// <summary>A token that holds.</summary>
    public async Task<string> CurrentAsync(CancellationToken ct) =>
        _lease is { } lease && clock.GetUtcNow() < lease.RenewAt ? lease.Token : await InTurnAsync(() => FreshAsync(ct), ct);

    /// <summary>Another token than one that was refused; null where there is only that one.</summary>
    public async Task<string?> InsteadOfAsync(string refused, CancellationToken ct) => Options.Token is not null
        ? null
        : await InTurnAsync(async () => _lease is { } lease && lease.Token != refused ? lease.Token : await LogInAsync(ct), ct);

    public void Dispose() => _turn.Dispose();

    // However many ask, one of them asks Vault, and where it fails, fails for all who waited.
    private async Task<string> InTurnAsync(Func<Task<string>> work, CancellationToken ct)
    {
        var seen = _faults.Count;
        await _turn.WaitAsync(ct);
        try
        {
            if (_faults is ({ } count, { } last) && count != seen)
            {
                throw new SecretStoreException(last.Message, last);
            }

            return await work();
        }
        catch (SecretStoreException fault) when (fault.InnerException is not SecretStoreException)
        {
            _faults = (_faults.Count + 1, fault);
            throw;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<string> FreshAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        if (_lease is not { } lease || now >= lease.Ends)
        {
            return Options.Token is null ? await LogInAsync(ct) : await LookUpAsync(Options.Token, ct);
        }

        return now < lease.RenewAt ? lease.Token : await RenewAsync(lease, ct);
    }

    private async Task<string> LogInAsync(CancellationToken ct)
    {
        var answer = await api.SendAsync(
            HttpMethod.Post, $"auth/{Options.AuthMount}/login", null, new { Options.RoleId, Options.SecretId }, ct);
        return Keep(Granted(answer, "log-in"));
    }

    private async Task<string> LookUpAsync(string token, CancellationToken ct)
    {
        var answer = await api.SendAsync(HttpMethod.Get, "auth/token/lookup-self", token, null, ct);
        Demand(answer, "token");
        var own = answer.Read<Lookup>().Data ?? throw Unreadable();
        return Keep(new Grant(token, own.Ttl, own.Renewable));
    }

    private async Task<string> RenewAsync(Lease lease, CancellationToken ct)
    {
        try
        {
            var isProlonged = lease.CanBeRenewed && await ProlongAsync(lease, ct);
            return isProlonged || Options.Token is not null ? _lease!.Token : await LogInAsync(ct);
        }
        catch (SecretStoreException) when (clock.GetUtcNow() < lease.Ends)
        {
            // It still holds: there is time to ask again.
            _lease!.RenewAt = clock.GetUtcNow() + Pause;
            return _lease.Token;
        }
    }

    private async Task<bool> ProlongAsync(Lease lease, CancellationToken ct)
    {
        var answer = await api.SendAsync(HttpMethod.Post, "auth/token/renew-self", lease.Token, new { }, ct);
        if (answer.Status is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest)
        {
            return lease.CanBeRenewed = false;
        }

        Keep(Granted(answer, "renewal"));
        // At its longest life: asked for more, Vault grants what is left.
        var isProlonged = _lease!.Ends > lease.Ends.AddSeconds(1);
        _lease.CanBeRenewed &= isProlonged;
        return isProlonged;
    }

    private static Grant Granted(VaultAnswer answer, string what)
    {
        Demand(answer, what);
        return answer.Read<Login>().Auth is { ClientToken: { Length: > 0 } } grant ? grant : throw Unreadable();
    }

    private static void Demand(VaultAnswer answer, string what)
    {
        if (!answer.IsSuccess)
        {
            throw new SecretStoreException($"Vault answered {(int)answer.Status} to the platform's {what}.");
        }
    }

    private static SecretStoreException Unreadable() => new("Vault's answer holds no token.");

    private string Keep(Grant grant)
    {
        var now = clock.GetUtcNow();
        var life = TimeSpan.FromSeconds(grant.LeaseDuration);
        // 0: it never ends.
        _lease = life == TimeSpan.Zero
            ? new Lease(grant.ClientToken!, DateTimeOffset.MaxValue) { RenewAt = DateTimeOffset.MaxValue }
            : new Lease(grant.ClientToken!, now + life) { RenewAt = now + (life * 2 / 3), CanBeRenewed = grant.Renewable };
        return grant.ClientToken!;
    }

    private sealed class Lease(string token, DateTimeOffset ends)
    {
        public string Token => token;
        public DateTimeOffset Ends => ends;
        public DateTimeOffset RenewAt { get; set; }
        public bool CanBeRenewed { get; set; }
    }
}
