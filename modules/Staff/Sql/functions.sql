-- Opens a notification, or counts a repeat up on the open one of the same p_dedup_key: the newest words stay, the gravest
-- severity stays, and the time of resolving itself starts anew. Returns the row's id.
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
        severity = CASE
            WHEN array_position(ARRAY['info', 'low', 'medium', 'warning', 'high', 'error', 'critical'], excluded.severity::text)
               > array_position(ARRAY['info', 'low', 'medium', 'warning', 'high', 'error', 'critical'], n.severity::text)
            THEN excluded.severity
            ELSE n.severity
        END,
        auto_resolve_after = excluded.auto_resolve_after,
        alert_count = n.alert_count + 1,
        last_occurrence = now()
    RETURNING n.id;
$$;

REVOKE ALL ON FUNCTION raise_notification(text, text, text, text, text, uuid, jsonb, uuid, text, text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION raise_notification(text, text, text, text, text, uuid, jsonb, uuid, text, text, interval)
    TO penguinmails_app, penguinmails_platform;
