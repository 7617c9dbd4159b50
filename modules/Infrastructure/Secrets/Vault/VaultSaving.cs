using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using PenguinMails.Infrastructure.Data;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>
/// Saves rows of which some have their value in Vault. It is written between the rows and their commit: what the database refuses
/// never reaches Vault, and where Vault does not answer no row is kept.
/// </summary>
internal sealed class VaultSaving(VaultStore vault, ILogger<VaultSaving> log)
{
    public async Task<int> SaveAsync(InfrastructureDb db, Func<Task<int>> save, CancellationToken ct)
    {
        var changed = db.ChangeTracker.Entries<Secret>().Where(entry => entry.State is not EntityState.Unchanged)
            .Select(entry => (Secret: entry.Entity, IsGone: entry.State == EntityState.Deleted)).ToList();
        if (changed.Count == 0)
        {
            return await save();
        }

        // The caller's own transaction, where there is one, is the caller's to commit; values then go before it does.
        await using var transaction = db.Database.CurrentTransaction is null ? await db.Database.BeginTransactionAsync(ct) : null;
        var rows = await save();
        foreach (var (secret, _) in changed.Where(change => change.Secret.ForVault is not null && !change.IsGone))
        {
            await vault.WriteAsync(secret.Path, secret.ForVault!, ct);
            secret.InVault();
        }

        if (transaction is not null)
        {
            await transaction.CommitAsync(ct);
        }

        foreach (var (secret, isGone) in changed)
        {
            await SettleAsync(secret, isGone);
        }

        return rows;
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
