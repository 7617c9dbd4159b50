using System.Data.Common;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Logging;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>
/// Saves rows of which some have their value in Vault. It is written between the rows and their commit, as a version that the row
/// names: what the database refuses never reaches Vault, where Vault does not answer no row is kept, and what is not committed is not
/// read. Nothing is deleted before the commit.
/// </summary>
internal sealed class VaultSaving(VaultStore vault, ILogger<VaultSaving> log) : DbTransactionInterceptor
{
    private sealed record Change(Secret Secret, bool IsGone);

    // By context: what its transaction has changed so far.
    private readonly ConditionalWeakTable<DbContext, List<Change>> _uncommitted = [];

    public async Task<int> SaveAsync(InfrastructureDb db, Func<Task<int>> save, CancellationToken ct)
    {
        var changed = db.ChangeTracker.Entries<Secret>().Where(entry => entry.State is not EntityState.Unchanged)
            .Select(entry => new Change(entry.Entity, entry.State == EntityState.Deleted)).ToList();
        if (changed.Count == 0)
        {
            return await save();
        }

        // The caller's own transaction, where there is one, is the caller's to commit.
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        var rows = await save();
        _uncommitted.GetOrCreateValue(db).AddRange(changed);
        var written = changed.Where(change => change.Secret.ForVault is not null && !change.IsGone).Select(change => change.Secret).ToList();
        foreach (var secret in written)
        {
            secret.InVault(await vault.WriteAsync(secret.Path, secret.ForVault!, ct));
        }

        if (written.Count > 0)
        {
            await save();
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync(ct);
        }

        return rows;
    }

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData data, DbTransaction result, CancellationToken ct = default)
    {
        // What the one before has changed was rolled back, or has been settled.
        _uncommitted.Remove(data.Context!);
        return ValueTask.FromResult(result);
    }

    public override async Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData data, CancellationToken ct = default)
    {
        if (_uncommitted.TryGetValue(data.Context!, out var changed))
        {
            _uncommitted.Remove(data.Context!);
            foreach (var (secret, isGone) in changed)
            {
                await SettleAsync(secret, isGone);
            }
        }
    }

    // After the commit nothing is undone any more, and nobody's patience ends it.
    private async Task SettleAsync(Secret secret, bool isGone)
    {
        try
        {
            if (isGone && secret.Ciphertext is null)
            {
                await vault.DeleteAsync(secret.Path, CancellationToken.None);
            }
        }
        catch (SecretStoreException exception)
        {
            log.LogWarning(exception, "The secret {Path} has no row any more, but its value could not be deleted from Vault.", secret.Path);
        }

        await vault.TellAsync(secret.Path);
    }
}
