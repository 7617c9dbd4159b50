using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Sending;

/// <summary>The SQL of <see cref="Ledger"/>: a few statements over arrays, one row an entry. Each may run twice.</summary>
internal static class LedgerStatements
{
    // The enrollment is locked: another host must not take it over between this look and the commit.
    private const string Begin = """
        WITH asked AS (
            SELECT * FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::text[],
                    $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::integer[], $17::text[], $18::bytea[], $19::integer[])
                AS asked (id, created, campaign_lead_id, step_id, variant_id, lead_id, email_account_id, smtp_ip_address_id, message_id,
                    to_address, from_address, subject, status, error, attempts, provider, body, size)
        ), allowed AS (
            SELECT asked.*, enrollment.tenant_id, enrollment.campaign_id
            FROM asked CROSS JOIN LATERAL (
                SELECT campaign_leads.tenant_id, campaign_leads.campaign_id, campaign_leads.lead_id FROM campaign_leads
                WHERE campaign_leads.id = asked.campaign_lead_id AND campaign_leads.lease_owner = $1
                FOR NO KEY UPDATE
            ) AS enrollment
            -- By their keys, whatever the planner thinks of tables that are new to it.
            WHERE (SELECT status FROM campaigns WHERE id = $22) = 'sending'
              AND (SELECT status FROM leads WHERE id = enrollment.lead_id) = 'active'
              AND asked.to_address NOT IN (SELECT suppressed_for($20, $21, $11::text[]))
        ), begun AS (
            INSERT INTO content.email_messages AS message (id, created, tenant_id, campaign_id, campaign_lead_id, step_id, variant_id, lead_id,
                email_account_id, smtp_ip_address_id, message_id, to_address, from_address, subject, status, error, attempts, provider)
            SELECT id, created, tenant_id, campaign_id, campaign_lead_id, step_id, variant_id, lead_id,
                email_account_id, smtp_ip_address_id, message_id, to_address, from_address, subject, status, error, attempts, provider
            FROM allowed
            ON CONFLICT (id, created) DO UPDATE SET email_account_id = excluded.email_account_id, smtp_ip_address_id = excluded.smtp_ip_address_id,
                to_address = excluded.to_address, provider = excluded.provider, from_address = excluded.from_address, subject = excluded.subject, status = excluded.status, error = excluded.error,
                attempts = excluded.attempts
                WHERE message.status = 'queued' OR (message.status = excluded.status AND message.attempts = excluded.attempts)
            RETURNING id, created, tenant_id
        ), kept AS (
            INSERT INTO content.email_content (message_id, created, tenant_id, body, size)
            SELECT begun.id, begun.created, begun.tenant_id, allowed.body, allowed.size FROM begun JOIN allowed USING (id)
            WHERE allowed.size > 0
            ON CONFLICT (message_id, created) DO UPDATE SET body = excluded.body, size = excluded.size
        )
        SELECT id FROM begun
        """;

    // Where another host has taken the enrollment over and found it in doubt, this one knows better. The message is there: as a conflict it is
    // found by its key, whatever the planner thinks of a partition that is new to it.
    private const string Settle = """
        WITH news AS (
            SELECT * FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[],
                    $10::text[], $11::uuid[], $12::integer[], $13::timestamptz[], $14::integer[], $15::text[], $16::text[], $17::text[], $18::uuid[],
                    $19::timestamptz[], $20::text[], $21::text[])
                AS news (id, message_id, message_created, message_status, smtp_response, error, sent, status,
                    exit_reason, email_account_id, current_step, next_run, attempts, thread_message_id, last_message_id, thread_subject, last_email_id,
                    last_sent, waits_for, last_error)
        ), settled AS (
            INSERT INTO content.email_messages AS message (id, created, tenant_id, message_id, to_address, from_address, status, smtp_response, error, sent)
            SELECT message_id, message_created, $22, '', '', '', message_status, smtp_response, error, sent FROM news WHERE message_id IS NOT NULL
            ON CONFLICT (id, created) DO UPDATE
                SET status = excluded.status, smtp_response = excluded.smtp_response, error = excluded.error, sent = excluded.sent
                WHERE message.status IN ('queued', 'sending', 'in_doubt')
            RETURNING message.id
        )
        UPDATE campaign_leads AS enrollment
        SET status = news.status, exit_reason = news.exit_reason, email_account_id = news.email_account_id, current_step = news.current_step,
            next_run = news.next_run, attempts = news.attempts, thread_message_id = news.thread_message_id, last_message_id = news.last_message_id,
            thread_subject = news.thread_subject, last_email_id = news.last_email_id, last_sent = news.last_sent, waits_for = news.waits_for,
            last_error = news.last_error, lease_owner = NULL, lease_until = NULL
        FROM news
        WHERE enrollment.id = news.id
          AND (news.message_id IS NULL OR news.message_id IN (SELECT id FROM settled))
          AND (enrollment.lease_owner = $1
            OR (news.message_id IS NOT NULL AND enrollment.lease_owner IS NULL AND enrollment.status = 'paused' AND enrollment.last_error = 'in_doubt'))
        """;

    private const string Happen = """
        INSERT INTO content.email_events (id, tenant_id, created, message_id, campaign_id, campaign_lead_id, lead_id, step_id, variant_id,
            email_account_id, provider, event_type, occurred)
        SELECT news.id, $1, news.created, news.message_id, $2, news.campaign_lead_id, news.lead_id, news.step_id, news.variant_id,
            news.email_account_id, news.provider, news.event_type, news.created
        FROM unnest($3::uuid[], $4::timestamptz[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::uuid[], $10::uuid[], $11::text[], $12::text[])
            AS news (id, created, message_id, campaign_lead_id, lead_id, step_id, variant_id, email_account_id, provider, event_type)
        ON CONFLICT DO NOTHING
        """;

    // In order, as all that several hosts may write at once.
    private const string Bounce = """
        WITH bounced AS (
            UPDATE leads SET status = 'bounced', score = score + $2
            WHERE id IN (SELECT id FROM leads WHERE id = ANY ($1) AND status = 'active' ORDER BY id FOR NO KEY UPDATE)
        )
        INSERT INTO suppressions (tenant_id, email_hash, email, reason, source)
        SELECT tenant_id, sha256(convert_to(lower(email), 'UTF8')), email, 'hard_bounce', $3 FROM leads WHERE id = ANY ($1) ORDER BY id
        ON CONFLICT DO NOTHING
        """;

    /// <summary>One round trip and one commit for all of them.</summary>
    /// <returns>The messages that may be sent.</returns>
    public static async Task<HashSet<Guid>> RunAsync(CampaignsDb db, Campaign campaign, Guid owner, IReadOnlyList<LedgerEntry> entries, CancellationToken ct)
    {
        await using var commands = new TenantCommands(db);
        var settled = entries.Select(entry => entry.Settled).OfType<SettledEnrollment>().ToList();
        AddSettled(commands, campaign, owner, settled);
        AddEvents(commands, [.. settled.Select(one => one.Event).OfType<EmailEvent>()]);
        AddBounces(commands, settled);
        AddBegun(commands, campaign, owner, [.. entries.Select(entry => entry.Begun).OfType<BegunMessage>()]);
        return [.. await commands.RunAsync<Guid>(ct)];
    }

    private static void AddBegun(TenantCommands commands, Campaign campaign, Guid owner, IReadOnlyList<BegunMessage> begun)
    {
        if (begun.Count == 0)
        {
            return;
        }

        T[] Column<T>(Func<EmailMessage, T> value) => [.. begun.Select(one => value(one.Message))];
        commands.Add(
            Begin, owner, Column(row => row.Id), Column(row => row.Created), Column(row => row.CampaignLeadId), Column(row => row.StepId),
            Column(row => row.VariantId), Column(row => row.LeadId), Column(row => row.EmailAccountId), Column(row => row.SmtpIpAddressId),
            Column(row => row.MessageId), Column(row => row.ToAddress), Column(row => row.FromAddress), Column(row => row.Subject),
            Column(row => SnakeCase.Of(row.Status)), Column(row => row.Error!), Column(row => row.Attempts), Column(row => row.Provider!),
            begun.Select(one => one.Body).ToArray(), begun.Select(one => one.Size).ToArray(),
            campaign.TenantId, campaign.CompanyId, campaign.Id);
    }

    private static void AddSettled(TenantCommands commands, Campaign campaign, Guid owner, IReadOnlyList<SettledEnrollment> settled)
    {
        if (settled.Count == 0)
        {
            return;
        }

        T[] Column<T>(Func<Enrollment, T> value) => [.. settled.Select(one => value(one.Enrollment))];
        T?[] Of<T>(Func<EmailMessage, T?> value) => [.. settled.Select(one => one.Message is null ? default : value(one.Message))];
        commands.Add(
            Settle, owner, Column(row => row.Id), Of<Guid?>(row => row.Id), Of<DateTimeOffset?>(row => row.Created),
            Of(row => SnakeCase.Of(row.Status))!, Of(row => row.SmtpResponse)!, Of(row => row.Error)!, Of(row => row.Sent),
            Column(row => SnakeCase.Of(row.Status)), Column(row => row.ExitReason is { } reason ? SnakeCase.Of(reason) : null!),
            Column(row => row.EmailAccountId), Column(row => row.CurrentStep), Column(row => row.NextRun), Column(row => row.Attempts),
            Column(row => row.ThreadMessageId!), Column(row => row.LastMessageId!), Column(row => row.ThreadSubject!), Column(row => row.LastEmailId),
            Column(row => row.LastSent), Column(row => row.WaitsFor is { } what ? SnakeCase.Of(what) : null!), Column(row => row.LastError!),
            campaign.TenantId);
    }

    private static void AddEvents(TenantCommands commands, IReadOnlyList<EmailEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        T[] Column<T>(Func<EmailEvent, T> value) => [.. events.Select(value)];
        commands.Add(
            Happen, events[0].TenantId, events[0].CampaignId!.Value, Column(row => row.Id), Column(row => row.Created), Column(row => row.MessageId),
            Column(row => row.CampaignLeadId), Column(row => row.LeadId), Column(row => row.StepId), Column(row => row.VariantId),
            Column(row => row.EmailAccountId), Column(row => row.Provider!), Column(row => SnakeCase.Of(row.EventType)));
    }

    private static void AddBounces(TenantCommands commands, IReadOnlyList<SettledEnrollment> settled)
    {
        var bounced = settled.Select(one => one.Bounced?.Id).OfType<Guid>().ToArray();
        if (bounced.Length > 0)
        {
            commands.Add(Bounce, bounced, MessageEvents.ScoreOf(EventType.Bounced), $"campaign {settled[0].Enrollment.CampaignId}");
        }
    }
}
