GRANT SELECT, INSERT, UPDATE, DELETE ON domains, email_accounts, secrets, domain_ip_assignments, warmup_log TO penguinmails_app;
GRANT SELECT, INSERT ON data_protection_keys TO penguinmails_app;
GRANT SELECT ON smtp_ip_addresses, connection_pool_config, connection_pool_metrics TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON secrets, vps_instances, smtp_ip_addresses, domain_ip_assignments, ip_reputation_history,
    connection_pool_config, connection_pool_metrics TO penguinmails_platform;
GRANT SELECT ON domains, email_accounts, warmup_log, data_protection_keys TO penguinmails_platform;

CALL protect_tenant_table('domains', 'domains_tenant_isolation');
CALL protect_tenant_table('email_accounts', 'email_accounts_tenant_isolation');
-- Staff suspend mailboxes and restore them, and change nothing else of them.
GRANT UPDATE (status, pause_reason, judged_from) ON email_accounts TO penguinmails_platform;
CALL admit_role('email_accounts', 'penguinmails_platform', 'platform_update', 'UPDATE');
CALL protect_tenant_table('domain_ip_assignments', 'domain_ip_assignments_tenant_isolation', 'ALL');
CALL protect_tenant_table('warmup_log', 'warmup_log_tenant_isolation');

-- The platform writes its own secrets, never a tenant's.
CALL protect_tenant_table('secrets', 'secrets_tenant_isolation');
DROP POLICY IF EXISTS secrets_platform_own ON secrets;
CREATE POLICY secrets_platform_own ON secrets FOR ALL TO penguinmails_platform
    USING (tenant_id IS NULL) WITH CHECK (tenant_id IS NULL);

-- Tenants see which addresses there are; what servers cost is the platform's alone.
ALTER TABLE vps_instances ENABLE ROW LEVEL SECURITY;
ALTER TABLE vps_instances FORCE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS vps_instances_platform ON vps_instances;
CREATE POLICY vps_instances_platform ON vps_instances FOR ALL TO penguinmails_platform USING (true) WITH CHECK (true);
GRANT SELECT ON vps_instances TO penguinmails_app;
GRANT USAGE ON SEQUENCE simulated_server_addresses TO penguinmails_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON blocklists TO penguinmails_platform;
GRANT SELECT ON blocklists TO penguinmails_app;
