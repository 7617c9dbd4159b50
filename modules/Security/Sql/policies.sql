-- Insert and read: nobody who serves requests changes what was seen. The seal columns are the owner's alone.
GRANT SELECT ON security_events TO penguinmails_app, penguinmails_platform;
GRANT INSERT (id, event_type, severity, user_id, tenant_id, ip_address, user_agent, resource_type, resource_id, action_attempted,
    success, failure_reason, metadata, created) ON security_events TO penguinmails_app, penguinmails_platform;

CALL protect_tenant_table('security_events', 'security_events_tenant_isolation');
CALL admit_role('security_events', 'penguinmails_platform', 'platform_insert', 'INSERT');
CALL admit_owner('security_events', 'ALL');

-- A failed log-in has no tenant yet.
DROP POLICY IF EXISTS security_events_unscoped ON security_events;
CREATE POLICY security_events_unscoped ON security_events FOR INSERT TO PUBLIC WITH CHECK (tenant_id IS NULL);
DROP POLICY IF EXISTS security_events_own ON security_events;
CREATE POLICY security_events_own ON security_events FOR SELECT TO PUBLIC
    USING (tenant_id IS NULL AND user_id = NULLIF(current_setting('app.current_user_id', true), '')::uuid);
