using System.Collections.Concurrent;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Sending;

/// <summary>One round of a campaign: claims as much as its mailboxes may send, sends it, and says when there is more to do.</summary>
internal sealed class CampaignBatch(
    CampaignsDb db, BatchClaim claim, NextLook next, DeliveryTally tally, MailboxesInHand hands, MessageComposer composer, CampaignBrakes brakes, ISender modules, TenantScope scope,
    IServiceScopeFactory scopes, IOptions<SendingOptions> options, TimeProvider clock, ILogger<CampaignBatch> log)
{
    /// <returns>False where others have all its mailboxes in hand.</returns>
    public async Task<bool> RunAsync(Guid campaignId, CancellationToken ct)
    {
        using var span = Telemetry.Begin("campaign batch", scope.RequiredTenantId)?.SetTag("campaign.id", campaignId.ToString());
        using var logging = log.BeginScope(new KeyValuePair<string, object?>[] { new(Telemetry.Tenant, scope.TenantId), new("campaign.id", campaignId) });
        var campaign = await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == campaignId && row.Status == CampaignStatus.Sending, ct);
        if (campaign is null || await CampaignPlan.LoadAsync(db, modules, campaign, ct) is not { } plan)
        {
            return true;
        }

        if (plan.Hold(clock.GetUtcNow()) is not null)
        {
            await next.SetAsync(plan, worked: false, ct);
            return true;
        }

        var taken = hands.Take(plan.Ready.Select(budget => budget.EmailAccountId));
        if (taken.Count == 0)
        {
            return false;
        }

        try
        {
            var worked = await WorkAsync(plan, [.. plan.Ready.Where(budget => taken.Contains(budget.EmailAccountId))], ct);
            await next.SetAsync(plan, worked, ct);
            return true;
        }
        finally
        {
            hands.GiveBack(taken);
        }
    }

    /// <returns>Whether there was anything to do.</returns>
    private async Task<bool> WorkAsync(CampaignPlan plan, List<SendBudget> ready, CancellationToken ct)
    {
        var claimed = await claim.TakeAsync(plan, ready, ct);
        if (claimed.Count == 0)
        {
            return false;
        }

        // Not ended by a stop: the messages in hand are finished under the claim.
        using var done = new CancellationTokenSource();
        var renewing = claim.RenewAsync(done.Token);
        try
        {
            await SendAsync(plan, ready, await BatchRows.LoadAsync(db, plan.Campaign, claimed, ct), ct);
        }
        finally
        {
            await done.CancelAsync();
            await renewing;
            await claim.ReleaseAsync(CancellationToken.None);
            await tally.EndAsync(claim.Reservation);
        }

        return true;
    }

    private async Task SendAsync(CampaignPlan plan, List<SendBudget> ready, BatchRows rows, CancellationToken ct)
    {
        var results = new ConcurrentBag<(Draft Draft, SendResult Result)>();
        await using var writing = scopes.CreateTenantScope(scope.RequiredTenantId);
        await using (var ledger = new Ledger(writing.ServiceProvider.GetRequiredService<CampaignsDb>(), plan.Campaign, claim.Owner, clock, log))
        {
            var drafts = Plan(plan, ready, rows, ledger);
            var queues = drafts.GroupBy(draft => draft.Mailbox.Id).Select(group => new MailboxQueue(plan.Campaign, group, ledger, scopes, clock)).ToList();
            var lanes = queues.SelectMany(queue => Enumerable.Range(0, Math.Min(queue.Count, options.Value.Parallelism))
                .Select(_ => Task.Run(() => new Lane(plan, ledger, queue, results, scopes, composer, clock).RunAsync(ct), CancellationToken.None))).ToList();
            await FinishAsync(plan, lanes);
            foreach (var queue in queues)
            {
                await queue.DisposeAsync();
            }
        }

        await tally.CountAsync([.. results], claim.Reservation, CancellationToken.None);
        if (results.Any(one => one.Result == SendResult.Rejected))
        {
            await brakes.ApplyAsync(plan.Campaign.Id, CancellationToken.None);
        }
    }

    private List<Draft> Plan(CampaignPlan plan, List<SendBudget> ready, BatchRows rows, Ledger ledger)
    {
        var planner = new StepPlanner(plan, rows, ready.ToDictionary(budget => budget.EmailAccountId, budget => budget.Free), clock.GetUtcNow());
        var drafts = new List<Draft>();
        foreach (var enrollment in rows.Enrollments)
        {
            if (rows.OpenMessages[enrollment.Id].FirstOrDefault(message => message.Status == MessageStatus.Sending) is { } unfinished)
            {
                // Whoever began it is gone: it may have been delivered.
                unfinished.Settle(MessageStatus.InDoubt, "The host was lost while it was being sent.", clock.GetUtcNow());
                enrollment.HoldInDoubt();
                ledger.Settle(new SettledEnrollment(enrollment, unfinished));
            }
            else if (planner.Plan(enrollment) is { } draft)
            {
                drafts.Add(draft);
            }
            else
            {
                ledger.Settle(new SettledEnrollment(enrollment, Left(enrollment, rows)));
            }
        }

        return drafts;
    }

    // What was to go again and does not any more is not left waiting.
    private EmailMessage? Left(Enrollment enrollment, BatchRows rows)
    {
        var left = enrollment.Status is EnrollmentStatus.Exited or EnrollmentStatus.Completed ? rows.OpenMessages[enrollment.Id].FirstOrDefault() : null;
        left?.Settle(MessageStatus.Skipped, "The lead gets no further message.", clock.GetUtcNow());
        return left;
    }

    // One lane that fails keeps none of the others from their messages.
    private async Task FinishAsync(CampaignPlan plan, List<Task<TemplateFaultException?>> lanes)
    {
        foreach (var lane in lanes)
        {
            try
            {
                if (await lane is { } fault)
                {
                    await PauseAsync(plan.Campaign.Id, $"A template cannot be sent: {fault.Message}");
                }
            }
            catch (Exception exception)
            {
                log.LogError(exception, "A lane of campaign {CampaignId} failed; what it had in hand is tried again when its lease has ended.", plan.Campaign.Id);
            }
        }
    }

    private Task PauseAsync(Guid campaignId, string reason) => db.Campaigns
        .Where(row => row.Id == campaignId && row.Status == CampaignStatus.Sending)
        .ExecuteUpdateAsync(row => row
            .SetProperty(campaign => campaign.Status, CampaignStatus.Paused)
            .SetProperty(campaign => campaign.PauseReason, reason), CancellationToken.None);
}
