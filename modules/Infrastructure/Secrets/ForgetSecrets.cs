using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets.Vault;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Secrets;

/// <summary>A purged tenant's secrets go from Vault as well; those in the database go with the tenant's rows.</summary>
internal sealed class ForgetSecrets(InfrastructureDb db, VaultStore? vault = null) : INotificationHandler<TenantPurging>
{
    public async Task Handle(TenantPurging purging, CancellationToken ct)
    {
        if (vault is null)
        {
            return;
        }

        foreach (var path in await db.Secrets.Where(secret => secret.Ciphertext == null).Select(secret => secret.Path).ToListAsync(ct))
        {
            await vault.DeleteAsync(path, ct);
            await vault.TellAsync(path);
        }
    }
}
