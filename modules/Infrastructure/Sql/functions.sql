-- Alerts on connections that are held too long and on pools under pressure; what is found again counts up on its alert. A leak
-- is a transaction that somebody left open and does nothing in; a query that has run as long is slow, and no leak.
-- A connection belongs to the pool that its application_name ends with, with its tier where pools of two tiers share a name.
CREATE OR REPLACE FUNCTION detect_connection_leaks()
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    default_threshold INTERVAL := INTERVAL '30 minutes';
    held RECORD;
    pool RECORD;
BEGIN
    FOR held IN
        SELECT a.pid, a.usename, a.application_name, a.backend_start, a.state, a.since, p.tier, p.pool_name, a.state = 'active' AS is_slow,
               floor(extract(epoch FROM now() - a.since) / 60)::integer AS minutes,
               -- Text of a query may carry personal data: only its shape leaves, hashed.
               left(encode(sha256(convert_to(regexp_replace(regexp_replace(a.query,
                   '''(?:[^'']|'''')*''', '?', 'g'), '\m\d+(?:\.\d+)?\M', '?', 'g'), 'UTF8')), 'hex'), 16) AS fingerprint
        FROM (
            SELECT s.*, CASE s.state WHEN 'active' THEN s.query_start ELSE s.state_change END AS since
            FROM pg_stat_activity s
            WHERE s.datname = current_database()
              AND s.backend_type = 'client backend'
              AND s.state IN ('active', 'idle in transaction', 'idle in transaction (aborted)')
              AND s.pid <> pg_backend_pid()
              AND s.usename NOT IN ('postgres', 'pg_monitor')
        ) a
        LEFT JOIN LATERAL (
            SELECT c.tier, c.pool_name, c.leak_detection_threshold_seconds
            FROM connection_pool_config c
            WHERE right(a.application_name, length(c.pool_name)) = c.pool_name
            ORDER BY right(a.application_name, length(c.tier || '/' || c.pool_name)) = c.tier || '/' || c.pool_name DESC,
                c.is_active DESC, length(c.pool_name) DESC, c.tier
            LIMIT 1
        ) p ON true
        WHERE a.since < now() - coalesce(make_interval(secs => nullif(p.leak_detection_threshold_seconds, 0)), default_threshold)
    LOOP
        PERFORM raise_notification(
            p_category => 'connection_pool',
            p_title => CASE WHEN held.is_slow THEN 'Slow Query Detected' ELSE 'Potential Connection Leak Detected' END,
            p_message => format(
                CASE WHEN held.is_slow
                    THEN 'A query on connection PID %s of %s has been running for %s minutes'
                    ELSE 'Connection PID %s of %s has been %4$s for %3$s minutes'
                END,
                held.pid, coalesce(held.tier || '/' || held.pool_name, 'no pool'), held.minutes, held.state),
            p_severity => 'warning',
            p_dedup_key => format(CASE WHEN held.is_slow THEN 'slow_query:%s:%s' ELSE 'connection_leak:%s:%s' END,
                held.pid, extract(epoch FROM held.backend_start)),
            p_source_type => 'connection',
            p_source_id => held.pid::text,
            p_auto_resolve_after => INTERVAL '1 hour',
            p_metadata => jsonb_build_object(
                'kind', CASE WHEN held.is_slow THEN 'slow_query' ELSE 'leak' END,
                'pid', held.pid,
                'user', held.usename,
                'application', held.application_name,
                'tier', held.tier,
                'pool_name', held.pool_name,
                'state', held.state,
                'since', held.since,
                'minutes', held.minutes,
                'query_fingerprint', held.fingerprint,
                'detected_at', now()
            )
        );
    END LOOP;

    FOR pool IN
        -- Of the newest sample of each host, the worst.
        SELECT DISTINCT ON (c.id) c.tier, c.pool_name, m.active_connections, m.idle_connections, m.pending_acquires, m.host,
               round(m.connection_usage_rate, 2) AS usage_rate
        FROM connection_pool_config c
        CROSS JOIN LATERAL (
            SELECT DISTINCT ON (s.host) s.*
            FROM connection_pool_metrics s
            WHERE s.pool_config_id = c.id
              AND s.collected_at >= now() - INTERVAL '5 minutes'
            ORDER BY s.host, s.collected_at DESC, s.id DESC
        ) m
        WHERE c.is_active
          AND (m.connection_usage_rate > 90 OR m.pending_acquires > 5)
        ORDER BY c.id, m.pending_acquires DESC NULLS LAST, m.connection_usage_rate DESC NULLS LAST
    LOOP
        PERFORM raise_notification(
            p_category => 'connection_pool',
            p_title => 'Connection Pool Under Pressure',
            p_message => format('%s pool %s utilization: %s%%, pending: %s',
                pool.tier, pool.pool_name, pool.usage_rate, pool.pending_acquires),
            p_severity => CASE
                WHEN pool.pending_acquires > 10 THEN 'critical'
                WHEN pool.usage_rate > 95 THEN 'high'
                ELSE 'warning'
            END,
            p_dedup_key => format('pool_pressure:%s:%s', pool.tier, pool.pool_name),
            p_source_type => 'connection_pool',
            p_source_id => pool.tier || '/' || pool.pool_name,
            p_auto_resolve_after => INTERVAL '15 minutes',
            p_metadata => jsonb_build_object(
                'tier', pool.tier,
                'pool_name', pool.pool_name,
                'usage_rate', pool.usage_rate,
                'pending_acquires', pool.pending_acquires,
                'active_connections', pool.active_connections,
                'idle_connections', pool.idle_connections,
                'host', pool.host,
                'alert_time', now()
            )
        );
    END LOOP;
END;
$$;


-- Judges each active pool by its last 24 hours; every advice that holds is given, and replaces the pool's previous one. Where it
-- is about the size it names one: half as many again, as far as the server has room; or twice what was needed at the peak, which
-- is known from a sample a minute only.
CREATE OR REPLACE FUNCTION optimize_connection_pools()
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    pool RECORD;
    advice TEXT[];
    recommendation TEXT;
    recommended INTEGER;
BEGIN
    FOR pool IN
        SELECT c.tier, c.pool_name, c.min_connections, c.max_connections,
               count(m.id) AS samples,
               avg(m.active_connections) AS avg_active,
               max(m.active_connections) AS peak_active,
               avg(m.connection_wait_time_avg_ms) AS avg_wait_time,
               sum(m.connection_errors_count) AS total_errors,
               sum(m.pool_exhaustion_events) AS total_exhaustions,
               avg(m.connection_usage_rate) AS avg_usage
        FROM connection_pool_config c
        LEFT JOIN connection_pool_metrics m
            ON m.pool_config_id = c.id AND m.collected_at >= now() - INTERVAL '24 hours'
        WHERE c.is_active
        GROUP BY c.id
        ORDER BY c.tier, c.pool_name
    LOOP
        advice := '{}';
        IF pool.avg_usage > 80 THEN
            advice := advice || 'Consider increasing max_connections for higher utilization'::text;
        END IF;
        IF pool.avg_wait_time > 100 THEN
            advice := advice || 'Consider increasing max_connections to reduce wait times'::text;
        END IF;
        IF pool.total_exhaustions > 0 THEN
            advice := advice || format('Consider increasing max_connections: %s callers found none in time', pool.total_exhaustions);
        END IF;

        IF advice <> '{}' THEN
            recommended := least(ceil(pool.max_connections * 1.5), current_setting('max_connections')::integer);
            recommended := CASE WHEN recommended > pool.max_connections THEN recommended END;
        ELSE
            recommended := CASE WHEN pool.peak_active IS NOT NULL THEN greatest(pool.min_connections, 2 * pool.peak_active, 1) END;
            IF pool.avg_usage < 30 AND coalesce(recommended < pool.max_connections, true) THEN
                advice := advice || 'Consider decreasing max_connections to reduce resource usage'::text;
            ELSE
                recommended := NULL;
            END IF;
        END IF;

        IF pool.total_errors > 10 THEN
            advice := advice || 'Investigate connection errors - may indicate network or authentication issues'::text;
        END IF;

        recommendation := CASE
            WHEN advice <> '{}' THEN array_to_string(advice, '; ')
            WHEN pool.avg_usage IS NULL THEN 'insufficient data'
            ELSE 'Connection pools are well-balanced'
        END;

        PERFORM raise_notification(
            p_category => 'connection_pool',
            p_title => 'Pool Optimization Analysis',
            p_message => CASE
                WHEN pool.samples = 0 THEN format('%s pool %s, 24h analysis: %s', pool.tier, pool.pool_name, recommendation)
                ELSE format('%s pool %s, 24h analysis: avg usage %s%%, peak %s connections, avg wait %sms. %s',
                    pool.tier, pool.pool_name,
                    coalesce(round(pool.avg_usage, 1)::text, '?'),
                    coalesce(pool.peak_active::text, '?'),
                    coalesce(round(pool.avg_wait_time, 0)::text, '?'),
                    recommendation)
            END,
            p_severity => 'info',
            p_dedup_key => format('pool_optimization:%s:%s', pool.tier, pool.pool_name),
            p_source_type => 'connection_pool',
            p_source_id => pool.tier || '/' || pool.pool_name,
            p_metadata => jsonb_build_object(
                'analysis_period_hours', 24,
                'tier', pool.tier,
                'pool_name', pool.pool_name,
                'samples', pool.samples,
                'avg_usage_percent', pool.avg_usage,
                'avg_active_connections', pool.avg_active,
                'peak_connections', pool.peak_active,
                'avg_wait_ms', pool.avg_wait_time,
                'total_errors', pool.total_errors,
                'total_exhaustions', pool.total_exhaustions,
                'max_connections', pool.max_connections,
                'recommended_max_connections', recommended,
                'recommendation', recommendation,
                'recommendations', to_jsonb(advice),
                'analyzed_at', now()
            )
        );
    END LOOP;
END;
$$;

REVOKE ALL ON FUNCTION detect_connection_leaks(), optimize_connection_pools() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION detect_connection_leaks(), optimize_connection_pools() TO penguinmails_platform;
