GRANT SELECT ON staff_roles, permissions, staff_role_permissions, staff_members, staff_elevations, system_notifications,
    system_config, feature_flags, feature_flag_overrides, schema_documentation_status TO penguinmails_app;
-- A tenant's people resolve what concerns it; its words and counts are not theirs to change.
GRANT UPDATE (is_resolved, resolved, resolved_by, resolution_notes) ON system_notifications TO penguinmails_app;
-- Insert and read: nobody who serves requests changes what was done. The seal columns are the owner's alone.
REVOKE ALL ON audit_log FROM penguinmails_app, penguinmails_platform;
GRANT SELECT ON audit_log TO penguinmails_app, penguinmails_platform;
GRANT INSERT (id, tenant_id, actor_user_id, elevation_id, action, resource_type, resource_id, reason, ip_address, metadata, created)
    ON audit_log TO penguinmails_app, penguinmails_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_roles, permissions, staff_role_permissions, staff_members, staff_elevations,
    system_notifications, system_config, feature_flags, feature_flag_overrides, schema_documentation_status
    TO penguinmails_platform;

-- The host reads a user's own staff role to let them in; the rest of staff is the platform's.
CALL protect_user_table('staff_members', 'staff_members_isolation', 'ALL');
CALL protect_tenant_table('staff_elevations', 'staff_elevations_tenant_isolation', 'ALL');
CALL protect_tenant_table('feature_flag_overrides', 'feature_flag_overrides_tenant_isolation', 'ALL');
CALL protect_tenant_table('system_notifications', 'system_notifications_tenant_isolation', 'ALL');
CALL admit_owner('system_notifications', 'ALL');

CALL protect_tenant_table('audit_log', 'audit_log_tenant_isolation');
CALL admit_role('audit_log', 'penguinmails_platform', 'platform_insert', 'INSERT');
CALL admit_owner('audit_log', 'ALL');
DROP POLICY IF EXISTS audit_log_unscoped ON audit_log;
CREATE POLICY audit_log_unscoped ON audit_log FOR INSERT TO PUBLIC WITH CHECK (tenant_id IS NULL);

-- Later migrations add settings, so the owner is let through; the host never reads a sensitive one.
CALL force_rls('system_config');
DROP POLICY IF EXISTS system_config_not_sensitive ON system_config;
CREATE POLICY system_config_not_sensitive ON system_config FOR SELECT TO PUBLIC USING (NOT is_sensitive);
CALL admit_role('system_config', 'penguinmails_platform', 'platform', 'ALL');
CALL admit_owner('system_config', 'ALL');
