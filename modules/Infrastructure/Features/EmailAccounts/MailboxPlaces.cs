using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

internal sealed record MailboxAllowance(Allowance Mailboxes, Allowance Warmups);

/// <summary>How many mailboxes and warmups a tenant's plan has room for.</summary>
internal sealed class MailboxPlaces(InfrastructureDb db, TenantScope scope, ISender modules)
{
    /// <summary>
    /// Lets one at a time change how many mailboxes or warmups the tenant has, until its transaction ends: what is counted then stays
    /// so.
    /// </summary>
    public Task LockAsync(CancellationToken ct) => db.LockAsync($"mailboxes:{scope.RequiredTenantId}", ct);

    /// <summary>What the plan allows; to be asked before the lock.</summary>
    public async Task<MailboxAllowance> AllowanceAsync(CancellationToken ct) => new(
        await modules.Send(new RequireAllowance(PlanLimit.EmailAccounts), ct), await modules.Send(new RequireAllowance(PlanLimit.Warmups), ct));

    /// <returns>Null where there is room for one more.</returns>
    public async Task<PlanRefusal?> RefuseMailboxAsync(MailboxAllowance allowance, CancellationToken ct) =>
        allowance.Mailboxes.Refuse(await CountMailboxesAsync(ct));

    /// <returns>Null where there is room for one more.</returns>
    public async Task<PlanRefusal?> RefuseWarmupAsync(MailboxAllowance allowance, CancellationToken ct) =>
        allowance.Warmups.Refuse(await CountWarmupsAsync(ct));

    public Task<long> CountMailboxesAsync(CancellationToken ct) => db.EmailAccounts.LongCountAsync(ct);

    public Task<long> CountWarmupsAsync(CancellationToken ct) => db.EmailAccounts.LongCountAsync(
        account => account.WarmupStatus == WarmupStatus.Warming || account.WarmupStatus == WarmupStatus.Paused, ct);
}
