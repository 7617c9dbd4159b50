-- Keeps an event, whatever is odd about it: what cannot be stored where it belongs is noted, not lost. Returns its id.
CREATE OR REPLACE FUNCTION record_security_event(
    p_id uuid,
    p_event_type text,
    p_severity text,
    p_success boolean,
    p_description text,
    p_tenant_id uuid,
    p_user_id uuid,
    p_ip_address inet,
    p_user_agent text DEFAULT NULL,
    p_resource_type text DEFAULT NULL,
    p_resource_id text DEFAULT NULL,
    p_action text DEFAULT NULL,
    p_metadata jsonb DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    kind text := left(coalesce(nullif(btrim(p_event_type), ''), 'unknown'), 50);
    level text := lower(btrim(p_severity));
    tenant uuid := (SELECT id FROM tenants WHERE id = p_tenant_id);
    person uuid := (SELECT id FROM users WHERE id = p_user_id);
    odd jsonb := '{}';
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

    -- Whoever fails to log in is in no tenant yet: it concerns the one that log-in would have opened.
    IF kind = 'login_failed' AND tenant IS NULL THEN
        tenant := (SELECT m.tenant_id FROM tenant_users m WHERE m.user_id = person AND m.deleted IS NULL ORDER BY m.tenant_id LIMIT 1);
    END IF;

    INSERT INTO security_events (
        id, event_type, severity, user_id, tenant_id, ip_address, user_agent, resource_type, resource_id,
        action_attempted, success, failure_reason, metadata
    ) VALUES (
        p_id, kind, level, person, tenant, p_ip_address, left(p_user_agent, 1000), left(p_resource_type, 50), left(p_resource_id, 255),
        left(p_action, 100), p_success, p_description, nullif(coalesce(p_metadata, '{}') || odd, '{}')
    );
    RETURN p_id;
END;
$$;

-- How often such an event was recorded within the last hour: by tenant, address or user, whichever is most, and which of
-- them it is. One without tenant, address and user is counted among its like. One indexed count each: a flood of failures
-- must not make its own recording slow.
CREATE OR REPLACE FUNCTION count_security_incidents(
    p_event_type text, p_tenant_id uuid, p_user_id uuid, p_ip_address inet, OUT incidents integer, OUT scope text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    by_tenant integer := CASE
        WHEN p_tenant_id IS NOT NULL THEN (
            SELECT count(*) FROM security_events
            WHERE tenant_id = p_tenant_id AND event_type = p_event_type AND created > now() - interval '1 hour')
        WHEN num_nonnulls(p_ip_address, p_user_id) = 0 THEN (
            SELECT count(*) FROM security_events
            WHERE tenant_id IS NULL AND event_type = p_event_type AND created > now() - interval '1 hour')
        ELSE 0
    END;
    by_ip integer := (
        SELECT count(*) FROM security_events
        WHERE ip_address = p_ip_address AND event_type = p_event_type AND created > now() - interval '1 hour');
    by_user integer := (
        SELECT count(*) FROM security_events
        WHERE user_id = p_user_id AND event_type = p_event_type AND created > now() - interval '1 hour');
BEGIN
    incidents := greatest(by_tenant, by_ip, by_user);
    scope := CASE
        WHEN by_ip = incidents AND p_ip_address IS NOT NULL THEN 'ip:' || host(p_ip_address)
        WHEN by_user = incidents AND p_user_id IS NOT NULL THEN 'user:' || p_user_id
        ELSE 'tenant'
    END;
END;
$$;

-- Raises the notification of an event. Returns what kept it from being raised, null where nothing did.
CREATE OR REPLACE FUNCTION raise_security_alert(
    p_event security_events, p_tenant_id uuid, p_title text, p_message text, p_severity text, p_scope text, p_metadata jsonb
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    kind text := CASE p_event.event_type WHEN 'login_failed' THEN 'brute_force_detected' ELSE p_event.event_type END;
BEGIN
    PERFORM raise_notification(
        p_category => 'security_incident',
        p_title => p_title,
        p_message => p_message,
        p_severity => p_severity,
        -- The tenant is part of every key: no tenant's alert may count on another's row.
        p_dedup_key => format('security_incident:%s:%s:%s', kind, coalesce(p_tenant_id::text, '-'), p_scope),
        p_tenant_id => p_tenant_id,
        p_user_id => p_event.user_id,
        p_source_type => 'security_event',
        p_source_id => p_event.id::text,
        p_metadata => p_metadata || jsonb_build_object('event_type', kind, 'scope', p_scope)
    );
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'security alert % not raised: % (%)', kind, SQLERRM, SQLSTATE;
    RETURN format('%s (%s)', SQLERRM, SQLSTATE);
END;
$$;

-- Failed log-ins: whoever has reached a limit within the last minutes is guessing, by address, by user or by tenant. One
-- event a burst; each further failure counts up on its notification.
CREATE OR REPLACE FUNCTION alert_brute_force(
    p_event security_events, p_minutes integer, p_per_address integer, p_per_user integer, p_per_tenant integer
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    since timestamptz := now() - make_interval(mins => p_minutes);
    by_ip integer := (
        SELECT count(*) FROM security_events WHERE ip_address = p_event.ip_address AND event_type = 'login_failed' AND created > since);
    by_user integer := (
        SELECT count(*) FROM security_events WHERE user_id = p_event.user_id AND event_type = 'login_failed' AND created > since);
    by_tenant integer := (
        SELECT count(*) FROM security_events WHERE tenant_id = p_event.tenant_id AND event_type = 'login_failed' AND created > since);
    reached text[] := array_remove(ARRAY[
        CASE WHEN by_ip >= p_per_address THEN 'address' END,
        CASE WHEN by_user >= p_per_user THEN 'user' END,
        CASE WHEN by_tenant >= p_per_tenant THEN 'tenant' END], NULL);
    description text := format('%s failed log-ins of one %s within %s minutes',
        CASE reached[1] WHEN 'address' THEN by_ip WHEN 'user' THEN by_user ELSE by_tenant END, reached[1], p_minutes);
BEGIN
    IF reached = '{}' THEN
        RETURN NULL;
    END IF;

    -- Failures of one burst are handled at once: the first of them reports it, the others see that.
    PERFORM pg_advisory_xact_lock(hashtextextended('brute_force', 0));
    IF EXISTS (
        SELECT FROM unnest(reached) AS what
        WHERE NOT EXISTS (
            SELECT FROM security_events d
            WHERE d.event_type = 'brute_force_detected' AND d.severity = 'critical' AND d.created > since AND d.metadata -> 'by' ? what
              AND CASE what WHEN 'address' THEN d.ip_address = p_event.ip_address WHEN 'user' THEN d.user_id = p_event.user_id
                  ELSE d.tenant_id = p_event.tenant_id END)
    ) THEN
        PERFORM record_security_event(
            gen_random_uuid(), 'brute_force_detected', 'critical', false, description, p_event.tenant_id, p_event.user_id, p_event.ip_address,
            p_action => 'security_incident', p_metadata => jsonb_build_object('by', to_jsonb(reached)));
    END IF;

    -- Who guesses from one address may do so in many tenants: that is for staff.
    RETURN raise_security_alert(
        p_event,
        CASE WHEN reached[1] <> 'address' THEN p_event.tenant_id END,
        'Somebody is guessing passwords',
        description,
        'critical',
        CASE reached[1] WHEN 'address' THEN 'ip:' || host(p_event.ip_address) WHEN 'user' THEN 'user:' || p_event.user_id ELSE 'tenant' END,
        jsonb_build_object('by', to_jsonb(reached)));
END;
$$;

-- Alerts where a recorded event is grave, or a failure that is frequent: more than five within the last hour of its type
-- and tenant, type and address, or type and user. Returns what kept the alert from being raised, else null.
CREATE OR REPLACE FUNCTION alert_security_event(
    p_id uuid,
    p_minutes integer DEFAULT 15,
    p_per_address integer DEFAULT 5,
    p_per_user integer DEFAULT 5,
    p_per_tenant integer DEFAULT 20
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    event security_events;
    frequency RECORD;
BEGIN
    -- Just recorded: the day says which partitions to look into.
    SELECT * INTO event FROM security_events WHERE id = p_id AND created > now() - interval '1 day';
    IF event.event_type = 'login_failed' THEN
        RETURN alert_brute_force(event, p_minutes, p_per_address, p_per_user, p_per_tenant);
    END IF;

    SELECT * INTO frequency FROM count_security_incidents(event.event_type, event.tenant_id, event.user_id, event.ip_address);
    IF event.severity IN ('high', 'critical') OR (NOT event.success AND frequency.incidents > 5) THEN
        RETURN raise_security_alert(
            event,
            event.tenant_id,
            CASE
                WHEN event.severity = 'critical' THEN 'Critical Security Alert'
                WHEN frequency.incidents > 10 THEN 'Frequent Security Incidents'
                ELSE 'Security Alert'
            END,
            format('Security incident detected: %s. Severity: %s, Count (last hour): %s',
                coalesce(event.failure_reason, event.event_type), event.severity, frequency.incidents),
            event.severity,
            frequency.scope,
            jsonb_build_object(
                'incident_count', frequency.incidents,
                'alert_level', CASE
                    WHEN event.severity = 'critical' THEN 'escalated'
                    WHEN frequency.incidents > 10 THEN 'frequent'
                    ELSE 'standard'
                END
            ));
    END IF;
    RETURN NULL;
END;
$$;

-- Records an incident and alerts, for whoever has no more to say about it.
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
BEGIN
    PERFORM alert_security_event(record_security_event(
        gen_random_uuid(), p_event_type, p_severity, false, p_description, p_tenant_id, p_user_id, p_ip_address,
        p_action => 'security_incident',
        p_metadata => jsonb_build_object(
            'incident_count_last_hour',
            1 + (SELECT incidents FROM count_security_incidents(p_event_type, p_tenant_id, p_user_id, p_ip_address)),
            'alert_timestamp', now())));
END;
$$;


-- The table in which an id is another tenant's, one that the user is not in; null where there is none. As its caller, who has
-- to be allowed to see all tenants.
CREATE OR REPLACE FUNCTION find_strange_row(p_id uuid, p_tenant_id uuid, p_user_id uuid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    place RECORD;
    owner uuid;
BEGIN
    -- Only where an index finds the id.
    FOR place IN
        SELECT c.oid::regclass AS name, c.relname
        FROM pg_class c
        JOIN pg_attribute own ON own.attrelid = c.oid AND own.attname = 'tenant_id' AND NOT own.attisdropped
        JOIN pg_attribute id ON id.attrelid = c.oid AND id.attname = 'id' AND id.atttypid = 'uuid'::regtype
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')
          AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indkey[0] = id.attnum)
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT tenant_id FROM %s WHERE id = $1 AND tenant_id <> $2', place.name) INTO owner USING p_id, p_tenant_id;
        IF owner IS NOT NULL AND NOT EXISTS (
            SELECT FROM tenant_users m WHERE m.tenant_id = owner AND m.user_id = p_user_id AND m.deleted IS NULL
        ) THEN
            RETURN place.relname;
        END IF;
    END LOOP;
    RETURN NULL;
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
    head security_event_head;
    done integer := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('security_event_chain', 0));
    SELECT * INTO head FROM security_event_head;

    FOR event IN SELECT * FROM security_events WHERE chain_position IS NULL ORDER BY created, id FOR UPDATE LOOP
        event.chain_position := coalesce(head.chain_position, 0) + 1;
        event.chain_tenant_id := event.tenant_id;
        event.chain_user_id := event.user_id;
        event.chain_hash := security_event_hash(event, head.chain_hash);
        UPDATE security_events SET
            chain_position = event.chain_position,
            chain_hash = event.chain_hash,
            chain_tenant_id = event.chain_tenant_id,
            chain_user_id = event.chain_user_id
        WHERE id = event.id AND created = event.created;
        head.chain_position := event.chain_position;
        head.chain_hash := event.chain_hash;
        done := done + 1;
    END LOOP;

    IF done > 0 THEN
        INSERT INTO security_event_head (chain_position, chain_hash) VALUES (head.chain_position, head.chain_hash)
        ON CONFLICT (is_only) DO UPDATE SET chain_position = excluded.chain_position, chain_hash = excluded.chain_hash;
    END IF;
    RETURN done;
END;
$$;

-- The sealed events that were changed, after which some are gone, or before which the end of the chain is. Retention drops
-- the chain's old end: its first remaining event is only taken as found.
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
        UNION ALL
        SELECT h.chain_position, NULL, 'the newest events are missing'
        FROM security_event_head h
        WHERE NOT EXISTS (SELECT FROM security_events e WHERE e.chain_position = h.chain_position)
    )
    SELECT * FROM judged WHERE problem IS NOT NULL ORDER BY 1;
$$;

REVOKE ALL ON FUNCTION
    record_security_event(uuid, text, text, boolean, text, uuid, uuid, inet, text, text, text, text, jsonb),
    count_security_incidents(text, uuid, uuid, inet),
    raise_security_alert(security_events, uuid, text, text, text, text, jsonb),
    alert_brute_force(security_events, integer, integer, integer, integer),
    alert_security_event(uuid, integer, integer, integer, integer),
    alert_security_incident(varchar, varchar, text, uuid, uuid, inet),
    find_strange_row(uuid, uuid, uuid),
    security_event_hash(security_events, bytea),
    seal_security_events(),
    verify_security_events()
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    record_security_event(uuid, text, text, boolean, text, uuid, uuid, inet, text, text, text, text, jsonb),
    alert_security_event(uuid, integer, integer, integer, integer),
    alert_security_incident(varchar, varchar, text, uuid, uuid, inet)
    TO penguinmails_app, penguinmails_platform;
GRANT EXECUTE ON FUNCTION find_strange_row(uuid, uuid, uuid), seal_security_events(), verify_security_events() TO penguinmails_platform;
