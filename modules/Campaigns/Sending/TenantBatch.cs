using System.Collections.Concurrent;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Sending;

/// <summary>One round for one tenant: claims a batch of due enrollments, keeps the claim while working on them, and ends campaigns.</summary>
internal sealed class TenantBatch(
    CampaignsDb db, BatchClaim claim, TenantScope scope, ISender modules, IServiceScopeFactory scopes, IOptions<SendingOptions> options,
    TimeProvider clock, ILogger<TenantBatch> log)
{
    public async Task RunAsync(CancellationToken ct)
    {
        var claimed = await claim.TakeAsync(ct);
        if (claimed.Count > 0)
        {
            // Not ended by a stop: the messages in hand are finished under the claim.
            using var done = new CancellationTokenSource();
            var renewing = claim.RenewAsync(done.Token);
            try
            {
                await WorkAsync(claimed, ct);
            }
            finally
            {
                await done.CancelAsync();
                await renewing;
            }
        }

        await CompleteCampaignsAsync(ct);
    }

    private async Task WorkAsync(IReadOnlyList<Guid> claimed, CancellationToken ct)
    {
        var permission = await modules.Send(new GetSendingPermission(), ct);
        var data = await BatchData.LoadAsync(db, modules, scope, claimed, ct);
        var planner = new StepPlanner(data, permission, clock.GetUtcNow());
        var drafts = data.Enrollments.Select(planner.Plan).OfType<Draft>().ToList();
        var granted = await ReserveAsync(drafts, ct);
        Release(granted);
        await db.SaveChangesAsync(ct);
        await SendAsync(granted, ct);
    }

    // Above what its mailbox and its address may send now, a message waits.
    private async Task<List<Draft>> ReserveAsync(List<Draft> drafts, CancellationToken ct)
    {
        var granted = new List<Draft>();
        foreach (var group in drafts.GroupBy(draft => (draft.Mailbox.Id, draft.MinGapSeconds)))
        {
            var turns = await modules.Send(
                new ReserveSend(group.Key.Id, group.Key.MinGapSeconds, [.. group.Select(draft => draft.RecipientDomain)]), ct);
            foreach (var (draft, turn) in group.Zip(turns))
            {
                if (turn.Granted)
                {
                    granted.Add(draft with { SmtpIpAddressId = turn.SmtpIpAddressId });
                }
                else
                {
                    draft.Enrollment.Postpone(turn.RetryAt!.Value, turn.Reason!);
                }
            }
        }

        return granted;
    }

    // Each message is sent in a context of its own, which takes these rows over.
    private void Release(List<Draft> drafts)
    {
        foreach (var draft in drafts)
        {
            db.Entry(draft.Enrollment).State = EntityState.Detached;
            if (draft.Queued is not null)
            {
                db.Entry(draft.Queued).State = EntityState.Detached;
            }
        }
    }

    private async Task SendAsync(List<Draft> drafts, CancellationToken ct)
    {
        var results = new ConcurrentBag<(Draft Draft, SendResult Result)>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.Value.Parallelism };
        await Parallel.ForEachAsync(drafts, parallel, async (draft, _) =>
        {
            // Stopping, the host finishes the messages in hand and begins no other: their claims just end.
            if (ct.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await using var work = scopes.CreateTenantScope(scope.RequiredTenantId);
                if (await work.ServiceProvider.GetRequiredService<MessageSender>().SendAsync(draft, CancellationToken.None) is { } result)
                {
                    results.Add((draft, result));
                }
            }
            catch (Exception exception)
            {
                log.LogError(exception, "Enrollment {EnrollmentId} failed; it is tried again when its lease has ended.", draft.Enrollment.Id);
            }
        });
        await CountAsync([.. results], CancellationToken.None);
    }

    // Once a batch: a row that every message counts up would make them queue.
    private async Task CountAsync(List<(Draft Draft, SendResult Result)> results, CancellationToken ct)
    {
        // Reputation first: brakes and addresses depend on it, and what is billed is only less exact without.
        await modules.Send(new RecordDeliveries([.. results.SelectMany(one => KindsOf(one.Result).Select(kind => new Delivery(
            one.Draft.Mailbox.Id, one.Draft.SmtpIpAddressId, one.Draft.RecipientDomain, kind)))]), ct);
        var accepted = results.Where(one => one.Result == SendResult.Accepted).ToList();
        foreach (var step in accepted.CountBy(one => one.Draft.Step.Id))
        {
            await db.Steps.Where(row => row.Id == step.Key).ExecuteUpdateAsync(row => row
                .SetProperty(counted => counted.ExecutedCount, counted => counted.ExecutedCount + step.Value)
                .SetProperty(counted => counted.LastExecuted, clock.GetUtcNow()), ct);
        }

        if (accepted.Count > 0)
        {
            await modules.Send(new CountUsage(UsageMetrics.Emails, accepted.Count), ct);
        }
    }

    /// <summary>What a result counts as.</summary>
    public static DeliveryKind[] KindsOf(SendResult result) => result switch
    {
        SendResult.Accepted => [DeliveryKind.Sent],
        SendResult.Rejected => [DeliveryKind.Sent, DeliveryKind.Bounced],
        SendResult.Deferred => [DeliveryKind.Deferred],
        _ => [],
    };

    private Task CompleteCampaignsAsync(CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
        UPDATE campaigns SET status = 'completed', completed = {clock.GetUtcNow()}
        WHERE tenant_id = {scope.RequiredTenantId} AND status = 'sending' AND NOT EXISTS (
            SELECT 1 FROM campaign_leads WHERE campaign_leads.campaign_id = campaigns.id AND campaign_leads.status IN ('pending', 'active'))
        """, ct);
}
