-- The last of these in the order of gravity.
CREATE OR REPLACE FUNCTION gravest_severity(VARIADIC p_severities text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT level
    FROM unnest(ARRAY['info', 'low', 'medium', 'warning', 'high', 'error', 'critical']) WITH ORDINALITY AS levels (level, gravity)
    WHERE level = ANY (p_severities)
    ORDER BY gravity DESC
    LIMIT 1;
$$;

-- Opens a notification, or counts a repeat up on the open one of the same p_dedup_key: the newest words stay, the gravest
-- severity stays, and the time of resolving itself starts anew. What is a warning or graver escalates: the tenth time it is
-- high at least, the fiftieth critical. Returns the row's id.
CREATE OR REPLACE FUNCTION raise_notification(
    p_category text,
    p_title text,
    p_message text,
    p_severity text,
    p_dedup_key text DEFAULT NULL,
    p_tenant_id uuid DEFAULT NULL,
    p_metadata jsonb DEFAULT NULL,
    p_user_id uuid DEFAULT NULL,
    p_source_type text DEFAULT NULL,
    p_source_id text DEFAULT NULL,
    p_auto_resolve_after interval DEFAULT NULL
) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    INSERT INTO system_notifications AS n (
        category, title, message, severity, dedup_key, tenant_id, metadata, user_id, source_type, source_id, auto_resolve_after
    ) VALUES (
        p_category, left(p_title, 255), p_message, p_severity, p_dedup_key, p_tenant_id, p_metadata, p_user_id, p_source_type,
        p_source_id, now() + p_auto_resolve_after
    )
    ON CONFLICT (dedup_key) WHERE NOT is_resolved DO UPDATE SET
        title = excluded.title,
        message = excluded.message,
        metadata = excluded.metadata,
        severity = gravest_severity(n.severity, excluded.severity, CASE
            WHEN gravest_severity(n.severity, excluded.severity) IN ('info', 'low', 'medium') THEN NULL
            WHEN n.alert_count >= 49 THEN 'critical'
            WHEN n.alert_count >= 9 THEN 'high'
        END),
        auto_resolve_after = excluded.auto_resolve_after,
        alert_count = n.alert_count + 1,
        last_occurrence = now()
    RETURNING n.id;
$$;

-- The hash of a row and of the one before it. Columns that deletion blanks are left out: the seal has its own copies.
CREATE OR REPLACE FUNCTION audit_log_hash(p_entry audit_log, p_previous bytea) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET bytea_output = 'hex'
AS $$
    SELECT sha256(coalesce(p_previous, '') || convert_to(
        (jsonb_strip_nulls(to_jsonb(p_entry)) - ARRAY['chain_hash', 'tenant_id', 'actor_user_id'])::text, 'UTF8'));
$$;

-- Seals the rows that came since the last run, and returns how many.
CREATE OR REPLACE FUNCTION seal_audit_log() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    entry audit_log;
    head audit_log_head;
    done integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit_log_chain', 0));
    SELECT * INTO head FROM audit_log_head;

    FOR entry IN SELECT * FROM audit_log WHERE chain_position IS NULL ORDER BY created, id FOR UPDATE LOOP
        entry.chain_position := coalesce(head.chain_position, 0) + 1;
        entry.chain_tenant_id := entry.tenant_id;
        entry.chain_actor_user_id := entry.actor_user_id;
        entry.chain_hash := audit_log_hash(entry, head.chain_hash);
        UPDATE audit_log SET
            chain_position = entry.chain_position,
            chain_hash = entry.chain_hash,
            chain_tenant_id = entry.chain_tenant_id,
            chain_actor_user_id = entry.chain_actor_user_id
        WHERE id = entry.id;
        head.chain_position := entry.chain_position;
        head.chain_hash := entry.chain_hash;
        done := done + 1;
    END LOOP;

    IF done > 0 THEN
        INSERT INTO audit_log_head (chain_position, chain_hash) VALUES (head.chain_position, head.chain_hash)
        ON CONFLICT (is_only) DO UPDATE SET chain_position = excluded.chain_position, chain_hash = excluded.chain_hash;
    END IF;
    RETURN done;
END;
$$;

-- The sealed rows that were changed, after which some are gone, or before which the end of the chain is; in order.
CREATE OR REPLACE FUNCTION verify_audit_log() RETURNS TABLE (chain_position bigint, entry_id uuid, problem text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH chain AS (
        SELECT e,
               lag(e.chain_position, 1, 0::bigint) OVER w AS previous_position,
               lag(e.chain_hash) OVER w AS previous_hash
        FROM audit_log e
        WHERE e.chain_position IS NOT NULL
        WINDOW w AS (ORDER BY e.chain_position)
    ), judged AS (
        SELECT (e).chain_position, (e).id, CASE
            WHEN (e).chain_position <> previous_position + 1 THEN 'rows before it are missing'
            WHEN (e).tenant_id <> (e).chain_tenant_id OR (e).actor_user_id <> (e).chain_actor_user_id
                OR (e).chain_tenant_id IS NULL AND (e).tenant_id IS NOT NULL
                OR (e).chain_actor_user_id IS NULL AND (e).actor_user_id IS NOT NULL THEN 'its tenant or actor was changed'
            WHEN audit_log_hash(e, previous_hash) IS DISTINCT FROM (e).chain_hash THEN 'it was changed'
        END AS problem
        FROM chain
        UNION ALL
        SELECT h.chain_position, NULL, 'the newest rows are missing'
        FROM audit_log_head h
        WHERE NOT EXISTS (SELECT FROM audit_log e WHERE e.chain_position = h.chain_position)
    )
    SELECT * FROM judged WHERE problem IS NOT NULL ORDER BY 1;
$$;

REVOKE ALL ON FUNCTION gravest_severity(text[]), audit_log_hash(audit_log, bytea), seal_audit_log(), verify_audit_log(),
    raise_notification(text, text, text, text, text, uuid, jsonb, uuid, text, text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_audit_log(), verify_audit_log() TO penguinmails_platform;
GRANT EXECUTE ON FUNCTION raise_notification(text, text, text, text, text, uuid, jsonb, uuid, text, text, interval)
    TO penguinmails_app, penguinmails_platform;
