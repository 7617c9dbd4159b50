using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>How many mailboxes and warmups a tenant's plan has room for.</summary>
internal sealed class MailboxPlaces(InfrastructureDb db, TenantScope scope, ISender modules)
{
    /// <summary>
    /// Lets one at a time change how many mailboxes or warmups the tenant has, until its transaction ends: what is counted then stays
    /// so.
    /// </summary>
    public Task LockAsync(CancellationToken ct) => db.LockAsync($"mailboxes:{scope.RequiredTenantId}", ct);

    /// <returns>Null where there is room for one more.</returns>
    public async Task<AllowanceRefusal?> RefuseMailboxAsync(CancellationToken ct) =>
        await modules.Send(new RequireAllowance(PlanLimit.EmailAccounts, await CountMailboxesAsync(ct) + 1), ct);

    /// <returns>Null where there is room for one more.</returns>
    public async Task<AllowanceRefusal?> RefuseWarmupAsync(CancellationToken ct) =>
        await modules.Send(new RequireAllowance(PlanLimit.Warmups, await CountWarmupsAsync(ct) + 1), ct);

    public Task<long> CountMailboxesAsync(CancellationToken ct) => db.EmailAccounts.LongCountAsync(ct);

    public Task<long> CountWarmupsAsync(CancellationToken ct) => db.EmailAccounts.LongCountAsync(
        account => account.WarmupStatus == WarmupStatus.Warming || account.WarmupStatus == WarmupStatus.Paused, ct);
}
