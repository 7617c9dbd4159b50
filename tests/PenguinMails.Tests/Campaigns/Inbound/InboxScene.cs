using System.Text;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Tests.Campaigns.Inbound;

/// <summary>A campaign whose first message has left to each of its leads, and the inbox that answers come into.</summary>
internal sealed record InboxScene(CampaignScene Campaign, Guid MailboxId, string Mailbox)
{
    public TenantClient Tenant => Campaign.Tenant;

    private HostFixture Host => Campaign.Host;

    /// <summary>A campaign to these addresses: an e-mail, a long wait, another e-mail.</summary>
    public static async Task<InboxScene> SentAsync(HostFixture host, FaultySink sink, CancellationToken ct, params string[] leads)
    {
        var tenant = await host.ATenantAsync(ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, ct);
        var template = await tenant.ATemplateAsync(ct, content: "<p>Hi</p>", subject: "Hello");
        var list = await tenant.AListOfAsync($"email\n{string.Join('\n', leads)}\n", ct);
        var campaign = await CampaignScene.DraftAsync(host, tenant, [mailbox], list, ct, CampaignScene.Email(template),
            CampaignScene.WaitUntil(TimeProvider.System.GetUtcNow().AddDays(30)), CampaignScene.Email(template));
        await campaign.LaunchAsync(ct);
        // Each has left, and waits.
        await Given.EventuallyAsync(() => host.QueryAsync(
            "SELECT count(*) FROM campaign_leads WHERE campaign_id = $1 AND current_step > 0 AND lease_owner IS NULL AND next_run > now()", ct, campaign.Id),
            rows => rows.Single() == $"{leads.Length}", ct);
        return new InboxScene(campaign, mailbox.Id(), mailbox.Text("email"));
    }

    /// <summary>Mail about what a lead was sent.</summary>
    public async Task<MailFixtures> MailAsync(string lead, CancellationToken ct) => new(Mailbox, lead, (await Host.QueryAsync(
        "SELECT message_id FROM content.email_messages WHERE campaign_id = $1 AND to_address = $2", ct, Campaign.Id, lead)).Single());

    public async Task ReceiveAsync(string raw, CancellationToken ct, long uid = 1, long uidValidity = 1)
    {
        await using var scope = Host.ScopeOf(Tenant.TenantId);
        await scope.ServiceProvider.GetRequiredService<IPublisher>().Publish(
            new MailReceived(Tenant.TenantId, MailboxId, Mailbox, uidValidity, uid, TimeProvider.System.GetUtcNow(), Encoding.UTF8.GetBytes(raw)), ct);
    }

    /// <summary>How far a lead has come, and what became of its message: enrollment, reason, message, lead.</summary>
    public async Task<string> StateAsync(string lead, CancellationToken ct) => (await Host.QueryAsync("""
        SELECT enrolled.status, enrolled.exit_reason, message.status, leads.status
        FROM campaign_leads enrolled JOIN leads ON leads.id = enrolled.lead_id
        JOIN content.email_messages message ON message.campaign_lead_id = enrolled.id
        WHERE enrolled.campaign_id = $1 AND leads.email = $2
        """, ct, Campaign.Id, lead)).Single();

    /// <summary>What happened to a lead's message, apart from its sending.</summary>
    public async Task<string> EventsAsync(string lead, CancellationToken ct) => string.Join(' ', await Host.QueryAsync("""
        SELECT event.event_type || coalesce(':' || (event.metadata ->> 'class'), '') FROM content.email_events event
        JOIN content.email_messages message ON message.id = event.message_id
        WHERE message.campaign_id = $1 AND message.to_address = $2 AND event.event_type <> 'sent'
        ORDER BY event.created, event.id
        """, ct, Campaign.Id, lead));

    /// <summary>What came in: kind, text, whose thread, and how many are unread there.</summary>
    public Task<IReadOnlyList<string>> InboxAsync(CancellationToken ct) => Host.QueryAsync("""
        SELECT message.kind, message.text, thread.participant, thread.unread FROM content.inbox_messages message
        LEFT JOIN content.inbox_threads thread ON thread.id = message.thread_id
        WHERE message.tenant_id = $1
        ORDER BY message.created, message.id
        """, ct, Tenant.TenantId);

    public async Task<string> SuppressionAsync(string address, CancellationToken ct) => string.Join(' ', await Host.QueryAsync(
        "SELECT reason FROM suppressions WHERE tenant_id = $1 AND email = $2", ct, Tenant.TenantId, address));

    public Task ExecuteAsync(string sql, CancellationToken ct) => Host.QueryAsync(sql, ct, Campaign.Id);
}
