using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Jobs;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Jobs;

/// <summary>Anonymises the accounts whose time of grace is over: what refers to the person stays, and nothing of the person does.</summary>
internal sealed class DeleteAccounts(PlatformDatabase platform, IServiceScopeFactory scopes, TimeProvider clock, ILogger<DeleteAccounts> log) : IRecurringJob
{
    public const string Id = "tenancy.delete-accounts";

    public async Task RunAsync(CancellationToken ct)
    {
        var due = await platform.ColumnAsync<Guid>(
            Id, "SELECT * FROM accounts_to_delete($1)", ct, new NpgsqlParameter { Value = clock.GetUtcNow() });
        await Sweep.EachApartAsync(due, async userId =>
        {
            await using var services = scopes.CreateAsyncScope();
            await DeleteAsync(services.ServiceProvider, userId, ct);
        }, ct);
    }

    private async Task DeleteAsync(IServiceProvider services, Guid userId, CancellationToken ct)
    {
        var (db, scope) = (services.GetRequiredService<TenancyDb>(), services.GetRequiredService<TenantScope>());
        if (await services.GetRequiredService<Ownership>().OnlyOwnerOfAsync(userId, ct) is not null)
        {
            // Became the only owner since: the tenant would be left to nobody.
            log.LogWarning("The account {UserId} is due for deletion, but the only owner of a tenant.", userId);
            return;
        }

        scope.Enter(null, userId);
        var now = clock.GetUtcNow();
        if (!await db.Credentials.AnyAsync(credential => credential.UserId == userId && credential.DeleteAfter <= now, ct))
        {
            // Called off since.
            return;
        }

        await services.GetRequiredService<IPublisher>().Publish(new AccountDeleting(userId), ct);
        var tenants = await db.Memberships.Where(row => row.UserId == userId).Select(row => row.TenantId).ToListAsync(ct);
        foreach (var tenantId in tenants)
        {
            scope.Enter(tenantId, userId);
            await LeaveAsync(services, db, tenantId, userId, ct);
        }

        scope.Enter(null, userId);
        await services.GetRequiredService<Sessions>().EndAllAsync(null, ct);
        await platform.ColumnAsync<int>(Id, "SELECT 1 FROM forget_person($1)", ct, new NpgsqlParameter { Value = userId });
        await db.Tokens.ExecuteDeleteAsync(ct);
        await db.Preferences.Where(row => row.UserId == userId).ExecuteDeleteAsync(ct);
        (await db.Users.SingleAsync(user => user.Id == userId, ct)).Anonymise(clock.GetUtcNow());
        db.Credentials.Remove(await db.Credentials.SingleAsync(row => row.UserId == userId, ct));
        await db.SaveChangesAsync(ct);
    }

    private static async Task LeaveAsync(IServiceProvider services, TenancyDb db, Guid tenantId, Guid userId, CancellationToken ct)
    {
        var given = services.GetRequiredService<GivenAccess>();
        IReadOnlyList<Guid> keys;
        await using (var transaction = await TenantTransaction.BeginAsync(db, ct))
        {
            keys = await given.RevokeAsync(userId, ct);
            await db.Memberships.Where(row => row.UserId == userId && row.TenantId == tenantId).ExecuteDeleteAsync(ct);
            await transaction.CommitAsync(ct);
        }

        await given.TellAsync(keys);
    }
}
