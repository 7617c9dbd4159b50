-- Keeps the event whatever else is wrong with it, then alerts when it is grave or frequent. Frequent means more than five
-- in the last hour, this one counted, of its type and tenant, type and address, or type and user.
CREATE OR REPLACE FUNCTION alert_security_incident(
    p_event_type VARCHAR(50),
    p_severity VARCHAR(20),
    p_description TEXT,
    p_tenant_id UUID DEFAULT NULL,
    p_user_id UUID DEFAULT NULL,
    p_ip_address INET DEFAULT NULL
)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    kind text := left(coalesce(nullif(btrim(p_event_type), ''), 'unknown'), 50);
    level text := lower(btrim(p_severity));
    tenant uuid := (SELECT id FROM tenants WHERE id = p_tenant_id);
    person uuid := (SELECT id FROM users WHERE id = p_user_id);
    -- What cannot be stored where it belongs is noted, not lost.
    odd jsonb := '{}';
    by_tenant integer;
    by_ip integer;
    by_user integer;
    incident_count integer;
    scope text;
BEGIN
    IF level IS NULL OR level NOT IN ('low', 'medium', 'high', 'critical') THEN
        RAISE WARNING 'unknown severity % of security event %, taken as high', p_severity, kind;
        odd := odd || jsonb_build_object('reported_severity', p_severity);
        level := 'high';
    END IF;
    IF tenant IS DISTINCT FROM p_tenant_id THEN
        odd := odd || jsonb_build_object('reported_tenant_id', p_tenant_id);
    END IF;
    IF person IS DISTINCT FROM p_user_id THEN
        odd := odd || jsonb_build_object('reported_user_id', p_user_id);
    END IF;

    -- One indexed count each: a flood of failures must not make its own recording slow. An event without tenant, address
    -- and user is counted among its like.
    by_tenant := 1 + CASE
        WHEN tenant IS NOT NULL THEN (
            SELECT count(*) FROM security_events
            WHERE tenant_id = tenant AND event_type = kind AND created > now() - interval '1 hour')
        WHEN num_nonnulls(p_ip_address, person) = 0 THEN (
            SELECT count(*) FROM security_events
            WHERE tenant_id IS NULL AND event_type = kind AND created > now() - interval '1 hour')
        ELSE 0
    END;
    by_ip := 1 + (
        SELECT count(*) FROM security_events
        WHERE ip_address = p_ip_address AND event_type = kind AND created > now() - interval '1 hour');
    by_user := 1 + (
        SELECT count(*) FROM security_events
        WHERE user_id = person AND event_type = kind AND created > now() - interval '1 hour');

    incident_count := greatest(by_tenant, by_ip, by_user);
    scope := CASE
        WHEN by_ip = incident_count AND p_ip_address IS NOT NULL THEN 'ip:' || host(p_ip_address)
        WHEN by_user = incident_count AND person IS NOT NULL THEN 'user:' || person
        ELSE 'tenant'
    END;

    INSERT INTO security_events (
        event_type, severity, user_id, tenant_id, ip_address,
        action_attempted, success, failure_reason, metadata
    ) VALUES (
        kind, level, person, tenant, p_ip_address,
        'security_incident', false, p_description,
        odd || jsonb_build_object(
            'incident_count_last_hour', incident_count,
            'alert_timestamp', now()
        )
    );

    IF level IN ('high', 'critical') OR incident_count > 5 THEN
        -- The event is kept even where the alert fails.
        BEGIN
            PERFORM raise_notification(
                p_category => 'security_incident',
                p_title => CASE
                    WHEN level = 'critical' THEN 'Critical Security Alert'
                    WHEN incident_count > 10 THEN 'Frequent Security Incidents'
                    ELSE 'Security Alert'
                END,
                p_message => format('Security incident detected: %s. Severity: %s, Count (last hour): %s',
                    p_description, level, incident_count),
                p_severity => level,
                -- The tenant is part of every key: no tenant's alert may count on another's row.
                p_dedup_key => format('security_incident:%s:%s:%s', kind, coalesce(tenant::text, '-'), scope),
                p_tenant_id => tenant,
                p_user_id => person,
                p_source_type => 'security_event',
                p_metadata => jsonb_build_object(
                    'event_type', kind,
                    'incident_count', incident_count,
                    'scope', scope,
                    'alert_level', CASE
                        WHEN level = 'critical' THEN 'escalated'
                        WHEN incident_count > 10 THEN 'frequent'
                        ELSE 'standard'
                    END
                )
            );
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'security alert % not raised: % (%)', kind, SQLERRM, SQLSTATE;
        END;
    END IF;
END;
$$;


-- The hash of an event and of the one before it. Columns that deletion blanks are left out: the seal has its own copies.
CREATE OR REPLACE FUNCTION security_event_hash(p_event security_events, p_previous bytea) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = pg_catalog, public, pg_temp
SET timezone = 'UTC'
SET bytea_output = 'hex'
AS $$
    SELECT sha256(coalesce(p_previous, '') || convert_to(
        (jsonb_strip_nulls(to_jsonb(p_event)) - ARRAY['chain_hash', 'tenant_id', 'user_id'])::text, 'UTF8'));
$$;

-- Seals the events that came since the last run, and returns how many. A job does it, rather than each insert, so that
-- events of unlike transactions need not wait for each other.
CREATE OR REPLACE FUNCTION seal_security_events() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    event security_events;
    last_position bigint;
    last_hash bytea;
    done integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('security_event_chain', 0));
    SELECT chain_position, chain_hash INTO last_position, last_hash
    FROM security_events
    WHERE chain_position IS NOT NULL
    ORDER BY chain_position DESC
    LIMIT 1;

    FOR event IN SELECT * FROM security_events WHERE chain_position IS NULL ORDER BY created, id FOR UPDATE LOOP
        event.chain_position := coalesce(last_position, 0) + 1;
        event.chain_tenant_id := event.tenant_id;
        event.chain_user_id := event.user_id;
        event.chain_hash := security_event_hash(event, last_hash);
        UPDATE security_events SET
            chain_position = event.chain_position,
            chain_hash = event.chain_hash,
            chain_tenant_id = event.chain_tenant_id,
            chain_user_id = event.chain_user_id
        WHERE id = event.id AND created = event.created;
        last_position := event.chain_position;
        last_hash := event.chain_hash;
        done := done + 1;
    END LOOP;
    RETURN done;
END;
$$;

-- The sealed events that were changed, or after which some are gone. Retention drops the chain's old end: its first
-- remaining event is only taken as found.
CREATE OR REPLACE FUNCTION verify_security_events() RETURNS TABLE (chain_position bigint, event_id uuid, problem text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    WITH chain AS (
        SELECT e,
               lag(e.chain_position) OVER w AS previous_position,
               lag(e.chain_hash) OVER w AS previous_hash
        FROM security_events e
        WHERE e.chain_position IS NOT NULL
        WINDOW w AS (ORDER BY e.chain_position)
    ), judged AS (
        SELECT (e).chain_position, (e).id, CASE
            WHEN previous_position IS NOT NULL AND (e).chain_position <> previous_position + 1 THEN 'events before it are missing'
            WHEN (e).tenant_id <> (e).chain_tenant_id OR (e).user_id <> (e).chain_user_id
                OR (e).chain_tenant_id IS NULL AND (e).tenant_id IS NOT NULL
                OR (e).chain_user_id IS NULL AND (e).user_id IS NOT NULL THEN 'tenant or user was changed'
            WHEN (previous_position IS NOT NULL OR (e).chain_position = 1)
                AND security_event_hash(e, previous_hash) IS DISTINCT FROM (e).chain_hash THEN 'event was changed'
        END AS problem
        FROM chain
    )
    SELECT * FROM judged WHERE problem IS NOT NULL ORDER BY 1;
$$;

REVOKE ALL ON FUNCTION alert_security_incident(varchar, varchar, text, uuid, uuid, inet), security_event_hash(security_events, bytea),
    seal_security_events(), verify_security_events() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION alert_security_incident(varchar, varchar, text, uuid, uuid, inet)
    TO penguinmails_app, penguinmails_platform;
GRANT EXECUTE ON FUNCTION seal_security_events(), verify_security_events() TO penguinmails_platform;
