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

/// <summary>A batch's lease on the enrollments it works on. One that ends lets any host take them over.</summary>
internal sealed class BatchClaim(
    CampaignsDb db, ISender modules, TenantScope scope, IServiceScopeFactory scopes, IOptions<SendingOptions> options, TimeProvider clock, ILogger<BatchClaim> log)
{
    private readonly List<Guid> _claimed = [];

    /// <summary>Who holds the lease.</summary>
    public Guid Owner { get; } = Guid.CreateVersion7();

    /// <summary>A message of the month for each enrollment, to be settled once they are sent.</summary>
    public Guid Reservation { get; private set; }

    /// <summary>Claims what is due, follow-ups before new leads; what another host holds is passed by.</summary>
    /// <param name="ready">The mailboxes that may send, and how much: no more than that is claimed.</param>
    /// <returns>The enrollments that this batch may work on.</returns>
    public async Task<IReadOnlyList<Guid>> TakeAsync(CampaignPlan plan, IReadOnlyCollection<SendBudget> ready, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        var most = (int)new[] { options.Value.BatchSize, plan.Campaign.LeftToday(now), plan.Permission.LeftThisMonth ?? long.MaxValue }.Min();
        _claimed.AddRange(await FollowUpsAsync(plan.Campaign.Id, ready, most, now, ct));
        if (_claimed.Count < most && Math.Min(most - _claimed.Count, await RoomForNewAsync(plan, ready, now, ct)) is var room and > 0)
        {
            _claimed.AddRange(await NewAsync(plan.Campaign.Id, room, now, ct));
        }

        await (_claimed.Count > 0 ? ReserveAsync(ct) : Task.CompletedTask);
        return _claimed;
    }

    // Other batches of the tenant take from the same month: what there is no message for is let go, new leads first.
    private async Task ReserveAsync(CancellationToken ct)
    {
        var reservation = await modules.Send(new ReserveEmails(_claimed.Count), ct);
        Reservation = reservation.Id;
        if (reservation.Granted < _claimed.Count)
        {
            await ReleaseAsync(_claimed[reservation.Granted..], ct);
            _claimed.RemoveRange(reservation.Granted, _claimed.Count - reservation.Granted);
        }
    }

    // Materialized: within a join PostgreSQL may run a look that locks several times, and so claim more than it should.
    // Each mailbox's, and those without one: these have sent nothing yet, or their mailbox is gone.
    private Task<List<Guid>> FollowUpsAsync(Guid campaignId, IReadOnlyCollection<SendBudget> ready, int most, DateTimeOffset now, CancellationToken ct) =>
        db.Database.SqlQuery<Guid>($"""
            WITH bound AS (
                SELECT due.id FROM unnest({Ids(ready)}, {Free(ready)}) AS mailbox (id, free)
                CROSS JOIN LATERAL (
                    SELECT id FROM campaign_leads
                    WHERE campaign_id = {campaignId} AND status = 'active' AND email_account_id = mailbox.id AND next_run <= {now}
                        AND (lease_until IS NULL OR lease_until <= {now})
                    ORDER BY next_run LIMIT mailbox.free
                    FOR UPDATE SKIP LOCKED) AS due
                LIMIT {most}
            ), unbound AS (
                SELECT id FROM campaign_leads
                WHERE campaign_id = {campaignId} AND status = 'active' AND email_account_id IS NULL AND next_run <= {now}
                    AND (lease_until IS NULL OR lease_until <= {now})
                ORDER BY next_run LIMIT {most}
                FOR UPDATE SKIP LOCKED
            ), due AS MATERIALIZED (SELECT id FROM bound UNION ALL SELECT id FROM unbound LIMIT {most})
            UPDATE campaign_leads SET lease_owner = {Owner}, lease_until = {LeaseEnd()} FROM due WHERE campaign_leads.id = due.id
            RETURNING campaign_leads.id AS "Value"
            """).ToListAsync(ct);

    private Task<List<Guid>> NewAsync(Guid campaignId, int most, DateTimeOffset now, CancellationToken ct) => db.Database.SqlQuery<Guid>($"""
        WITH due AS MATERIALIZED (
            SELECT id FROM campaign_leads
            WHERE campaign_id = {campaignId} AND status = 'pending' AND next_run <= {now} AND (lease_until IS NULL OR lease_until <= {now})
            ORDER BY next_run LIMIT {most}
            FOR UPDATE SKIP LOCKED)
        UPDATE campaign_leads SET lease_owner = {Owner}, lease_until = {LeaseEnd()} FROM due WHERE campaign_leads.id = due.id
        RETURNING campaign_leads.id AS "Value"
        """).ToListAsync(ct);

    // What a mailbox may still send is first for the follow-ups that are due in other campaigns.
    private async Task<int> RoomForNewAsync(CampaignPlan plan, IReadOnlyCollection<SendBudget> ready, DateTimeOffset now, CancellationToken ct)
    {
        var first = plan.Steps.FirstOrDefault(step => step.StepType == StepType.Email)?.EmailAccountId;
        var open = ready.Where(budget => first is null ? plan.Pool.Contains(budget.EmailAccountId) : budget.EmailAccountId == first).ToList();
        var others = open.Count == 0 ? 0 : (await db.Database.SqlQuery<int>($"""
            SELECT COALESCE(sum(due.count), 0)::integer AS "Value" FROM unnest({Ids(open)}, {Free(open)}) AS mailbox (id, free)
            CROSS JOIN LATERAL (
                SELECT count(*) FROM (
                    SELECT FROM campaigns CROSS JOIN LATERAL (
                        SELECT FROM campaign_leads
                        WHERE campaign_leads.campaign_id = campaigns.id AND campaign_leads.status = 'active'
                            AND campaign_leads.email_account_id = mailbox.id AND campaign_leads.next_run <= {now}
                        LIMIT mailbox.free) AS follow_up
                    WHERE campaigns.tenant_id = {scope.RequiredTenantId} AND campaigns.status = 'sending' AND campaigns.waiting_for IS NULL AND campaigns.id <> {plan.Campaign.Id}
                    LIMIT mailbox.free) AS follow_ups) AS due (count)
            """).ToListAsync(ct)).Single();
        return open.Sum(budget => budget.Free) - _claimed.Count - others;
    }

    /// <summary>Holds the claim until cancelled: a slow server must not let another host think that this one is gone.</summary>
    public async Task RenewAsync(CancellationToken ct)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.LeaseSeconds / 3.0), clock);
        await using var work = scopes.CreateTenantScope(scope.RequiredTenantId);
        var own = work.ServiceProvider.GetRequiredService<CampaignsDb>();
        while (await NextTickAsync(timer, ct))
        {
            try
            {
                var until = LeaseEnd();
                // What the ledger has locked is being settled, and two that lock in another order would wait for each other.
                await own.Database.ExecuteSqlAsync($"""
                    WITH held AS MATERIALIZED (
                        SELECT id FROM campaign_leads WHERE id = ANY ({_claimed}) AND lease_owner = {Owner} ORDER BY id FOR UPDATE SKIP LOCKED)
                    UPDATE campaign_leads SET lease_until = {until} FROM held WHERE campaign_leads.id = held.id
                    """, ct);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                log.LogWarning(exception, "A claim could not be renewed; it is tried again.");
            }
            catch (Exception)
            {
                return;
            }
        }
    }

    /// <summary>Lets go of what was not worked on, so that others need not wait for the lease to end.</summary>
    public Task ReleaseAsync(CancellationToken ct) => ReleaseAsync(_claimed, ct);

    private Task ReleaseAsync(List<Guid> enrollments, CancellationToken ct) => db.Database.ExecuteSqlAsync(
        $"UPDATE campaign_leads SET lease_owner = NULL, lease_until = NULL WHERE id = ANY ({enrollments}) AND lease_owner = {Owner}", ct);

    private static async Task<bool> NextTickAsync(PeriodicTimer timer, CancellationToken ct)
    {
        try
        {
            return await timer.WaitForNextTickAsync(ct);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static Guid[] Ids(IEnumerable<SendBudget> budgets) => [.. budgets.Select(budget => budget.EmailAccountId)];

    private static int[] Free(IEnumerable<SendBudget> budgets) => [.. budgets.Select(budget => budget.Free)];

    private DateTimeOffset LeaseEnd() => clock.GetUtcNow().AddSeconds(options.Value.LeaseSeconds);
}
