using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Features;

internal sealed class RecordDeliveriesHandler(
    InfrastructureDb db, TenantScope scope, ReceivingProviders providers, AddressLife life, MailboxJudgement judgement,
    TimeProvider clock) : IRequestHandler<RecordDeliveries>
{
    // The kinds in the order of the columns below.
    private static readonly DeliveryKind[] Kinds =
    [
        DeliveryKind.Sent, DeliveryKind.Deferred, DeliveryKind.Bounced, DeliveryKind.Complained, DeliveryKind.Opened, DeliveryKind.Clicked,
        DeliveryKind.Replied,
    ];

    public async Task Handle(RecordDeliveries request, CancellationToken ct)
    {
        if (request.Deliveries.Count == 0)
        {
            return;
        }

        foreach (var delivery in request.Deliveries)
        {
            Telemetry.Deliveries.Add(delivery.Count, new KeyValuePair<string, object?>("kind", SnakeCase.Of(delivery.Kind)));
        }

        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        await CountMailboxesAsync(request.Deliveries, today, ct);
        var fromOurs = request.Deliveries.Where(delivery => delivery.SmtpIpAddressId is not null).ToList();
        if (fromOurs.Count > 0)
        {
            await CountAddressesAsync(fromOurs, today, ct);
            await NoteSentAsync(fromOurs, ct);
        }

        var troubled = request.Deliveries.Where(delivery => delivery.Kind is DeliveryKind.Bounced or DeliveryKind.Complained)
            .Select(delivery => delivery.EmailAccountId).Distinct().ToList();
        if (troubled.Count > 0)
        {
            await judgement.ApplyAsync(troubled, ct);
        }
    }

    // Ordered, as all upserts of several rows: two batches at once would else wait for each other.
    private Task CountMailboxesAsync(IReadOnlyList<Delivery> deliveries, DateOnly today, CancellationToken ct)
    {
        var rows = deliveries.GroupBy(delivery => delivery.EmailAccountId).OrderBy(group => group.Key).ToList();
        var counts = Columns(rows);
        return db.Database.ExecuteSqlAsync($"""
            INSERT INTO warmup_log AS log (tenant_id, email_account_id, day, sent, bounced, complained, opened, clicked, replied)
            SELECT {scope.RequiredTenantId}, account.id, {today}, news.sent, news.bounced, news.complained, news.opened, news.clicked, news.replied
            FROM unnest({rows.Select(row => row.Key).ToArray()}, {counts[0]}, {counts[2]}, {counts[3]}, {counts[4]}, {counts[5]}, {counts[6]})
                AS news (id, sent, bounced, complained, opened, clicked, replied)
            JOIN email_accounts account ON account.id = news.id
            ORDER BY account.id
            ON CONFLICT (email_account_id, day) DO UPDATE SET
                sent = log.sent + excluded.sent, bounced = log.bounced + excluded.bounced, complained = log.complained + excluded.complained,
                opened = log.opened + excluded.opened, clicked = log.clicked + excluded.clicked, replied = log.replied + excluded.replied
            """, ct);
    }

    private async Task CountAddressesAsync(List<Delivery> deliveries, DateOnly today, CancellationToken ct)
    {
        var receivers = await Task.WhenAll(deliveries.Select(async delivery =>
            (Delivery: delivery, Provider: (await providers.OfAsync(delivery.RecipientDomain, ct)).Name())));
        var rows = receivers.Concat(receivers.Select(one => (one.Delivery, Provider: AddressDay.All)))
            .GroupBy(one => (Address: one.Delivery.SmtpIpAddressId!.Value, one.Provider), one => one.Delivery).ToList();
        var counts = Columns(rows);
        await db.Database.ExecuteSqlAsync($"""
            INSERT INTO smtp_ip_daily AS daily (smtp_ip_address_id, day, provider, sent, deferred, bounced, complained, opened, clicked)
            SELECT address.id, {today}, news.provider, news.sent, news.deferred, news.bounced, news.complained, news.opened, news.clicked
            FROM unnest({rows.Select(row => row.Key.Address).ToArray()}, {rows.Select(row => row.Key.Provider).ToArray()},
                    {counts[0]}, {counts[1]}, {counts[2]}, {counts[3]}, {counts[4]}, {counts[5]})
                AS news (id, provider, sent, deferred, bounced, complained, opened, clicked)
            JOIN smtp_ip_addresses address ON address.id = news.id
            ORDER BY address.id, news.provider
            ON CONFLICT (smtp_ip_address_id, day, provider) DO UPDATE SET
                sent = daily.sent + excluded.sent, deferred = daily.deferred + excluded.deferred, bounced = daily.bounced + excluded.bounced,
                complained = daily.complained + excluded.complained, opened = daily.opened + excluded.opened, clicked = daily.clicked + excluded.clicked
            """, ct);
    }

    private async Task NoteSentAsync(List<Delivery> deliveries, CancellationToken ct)
    {
        var sent = deliveries.Where(delivery => delivery.Kind == DeliveryKind.Sent).ToList();
        var mailboxes = sent.Select(delivery => delivery.EmailAccountId).Distinct().ToArray();
        var addresses = sent.Select(delivery => delivery.SmtpIpAddressId!.Value).Distinct().ToArray();
        await db.Database.ExecuteSqlAsync($"""
            UPDATE domain_ip_assignments SET last_sent = GREATEST(last_sent, {clock.GetUtcNow()})
            WHERE smtp_ip_address_id = ANY ({addresses}) AND status <> 'expired'
              AND domain_id IN (SELECT domain_id FROM email_accounts WHERE id = ANY ({mailboxes}))
            """, ct);
        var first = await db.SmtpIpAddresses.Where(address => addresses.Contains(address.Id) && address.Status == AddressStatus.Assigned)
            .Select(address => address.Id).ToListAsync(ct);
        foreach (var id in first)
        {
            await life.ChangeAsync(id, (_, address) => Task.FromResult(address.FirstSend(clock.GetUtcNow())), ct);
        }
    }

    private static int[][] Columns<TKey>(IReadOnlyList<IGrouping<TKey, Delivery>> rows) =>
        [.. Kinds.Select(kind => rows.Select(row => row.Where(delivery => delivery.Kind == kind).Sum(delivery => delivery.Count)).ToArray())];
}
