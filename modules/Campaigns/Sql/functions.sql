-- Whether the address must not be written to: by anyone, by this tenant, or by this company of it.
CREATE OR REPLACE FUNCTION is_suppressed(p_tenant_id uuid, p_company_id uuid, p_email text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1
        FROM suppressions
        WHERE email_hash = sha256(convert_to(lower(p_email), 'UTF8'))
          AND (tenant_id IS NULL
            OR tenant_id = p_tenant_id AND (company_id IS NULL OR company_id = p_company_id)));
$$;

-- Which of the addresses neither the platform nor the tenant writes to any more; what only a company of it does not is left in.
CREATE OR REPLACE FUNCTION suppressed_among(p_tenant_id uuid, p_emails text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT given.address
    FROM unnest(p_emails) AS given (address)
    WHERE EXISTS (
        SELECT 1
        FROM suppressions
        WHERE email_hash = sha256(convert_to(lower(given.address), 'UTF8')) AND company_id IS NULL
          AND (tenant_id IS NULL OR tenant_id = p_tenant_id));
$$;

-- Which of the addresses must not be written to by this company: asked once for a batch, since each call has a cost of its own.
CREATE OR REPLACE FUNCTION suppressed_for(p_tenant_id uuid, p_company_id uuid, p_emails text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT given.address
        FROM unnest(p_emails) AS given (address)
        WHERE EXISTS (
            SELECT 1
            FROM suppressions
            WHERE email_hash = sha256(convert_to(lower(given.address), 'UTF8'))
              AND (tenant_id IS NULL
                OR tenant_id = p_tenant_id AND (company_id IS NULL OR company_id = p_company_id)));
END;
$$;

REVOKE ALL ON FUNCTION suppressed_for(uuid, uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION suppressed_for(uuid, uuid, text[]) TO penguinmails_app;
REVOKE ALL ON FUNCTION is_suppressed(uuid, uuid, text), suppressed_among(uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_suppressed(uuid, uuid, text) TO penguinmails_app, penguinmails_platform;
GRANT EXECUTE ON FUNCTION suppressed_among(uuid, text[]) TO penguinmails_app;

-- What happened on a day (UTC) with a tenant's campaigns, or some of them: one definition for the rollup and for the days that are read
-- as they run. An event belongs to the day it was written, so that a day that is over changes no more. Whatever happens to a message
-- again and again counts once, when it happened first; only deferrals all count. Refused at once is handed over and bounced.
CREATE OR REPLACE FUNCTION campaign_counts(p_tenant_id uuid, p_day date, p_campaigns uuid[])
RETURNS TABLE (campaign_id uuid, step_id uuid, variant_id uuid, email_account_id uuid, provider varchar,
    sent integer, opened integer, clicked integer, replied integer, bounced integer, complained integer, unsubscribed integer,
    deferred integer, failed integer)
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT c.campaign_id, c.step_id, c.variant_id, c.email_account_id, c.provider,
        count(*) FILTER (WHERE c.kind = 'sent' OR c.refused)::integer,
        count(*) FILTER (WHERE c.kind = 'opened')::integer, count(*) FILTER (WHERE c.kind = 'clicked')::integer,
        count(*) FILTER (WHERE c.kind = 'replied')::integer, count(*) FILTER (WHERE c.kind = 'bounced')::integer,
        count(*) FILTER (WHERE c.kind = 'complained')::integer, count(*) FILTER (WHERE c.kind = 'unsubscribed')::integer,
        count(*) FILTER (WHERE c.kind = 'deferred')::integer, count(*) FILTER (WHERE c.kind = 'failed')::integer
    FROM (
        SELECT e.campaign_id, e.step_id, e.variant_id, e.email_account_id, e.provider, e.event_type AS kind,
            e.event_type = 'bounced' AND NOT EXISTS (
                SELECT FROM content.email_events s WHERE s.message_id = e.message_id AND s.event_type = 'sent') AS refused
        FROM content.email_events e
        WHERE e.tenant_id = p_tenant_id AND e.campaign_id IS NOT NULL AND (p_campaigns IS NULL OR e.campaign_id = ANY (p_campaigns))
          AND e.created >= p_day::timestamp AT TIME ZONE 'UTC' AND e.created < (p_day + 1)::timestamp AT TIME ZONE 'UTC'
          -- A message is sent once: its index need not be asked.
          AND (e.event_type IN ('sent', 'deferred') OR NOT EXISTS (
              SELECT FROM content.email_events o
              WHERE o.message_id = e.message_id AND o.event_type = e.event_type
                AND o.created <= e.created AND (o.created, o.id) < (e.created, e.id)))
        UNION ALL
        -- No event says that a message was given up.
        SELECT m.campaign_id, m.step_id, m.variant_id, m.email_account_id, m.provider, 'failed', false
        FROM content.email_messages m
        WHERE m.tenant_id = p_tenant_id AND m.status = 'failed' AND m.campaign_id IS NOT NULL AND m.kind = 'campaign'
          AND (p_campaigns IS NULL OR m.campaign_id = ANY (p_campaigns))
          AND m.created >= p_day::timestamp AT TIME ZONE 'UTC' AND m.created < (p_day + 1)::timestamp AT TIME ZONE 'UTC'
    ) c
    GROUP BY 1, 2, 3, 4, 5;
$$;

REVOKE ALL ON FUNCTION campaign_counts(uuid, date, uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION campaign_counts(uuid, date, uuid[]) TO penguinmails_app;
