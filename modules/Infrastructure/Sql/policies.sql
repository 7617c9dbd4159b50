GRANT SELECT, INSERT, UPDATE, DELETE ON domains, email_accounts, secrets, warmup_log TO penguinmails_app;
-- Which domain is on which address, the platform decides.
REVOKE INSERT, UPDATE, DELETE ON domain_ip_assignments FROM penguinmails_app;
GRANT SELECT, UPDATE (last_sent) ON domain_ip_assignments TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE ON smtp_ip_daily TO penguinmails_app, penguinmails_platform;
GRANT EXECUTE ON FUNCTION reserve_address_sends TO penguinmails_app;
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
-- Hosts share out the mailboxes of all tenants.
GRANT SELECT, INSERT, UPDATE, DELETE ON mailbox_readers TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE ON mailbox_readers TO penguinmails_platform;
CALL protect_tenant_table('mailbox_readers', 'mailbox_readers_tenant_isolation', 'ALL');

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

-- A tenant sees the shared addresses and its own. The owner counts the domains on each.
CALL force_rls('smtp_ip_addresses');
CALL admit_owner('smtp_ip_addresses', 'ALL');
CALL admit_role('smtp_ip_addresses', 'penguinmails_platform', 'platform', 'ALL');
DROP POLICY IF EXISTS smtp_ip_addresses_tenant ON smtp_ip_addresses;
CREATE POLICY smtp_ip_addresses_tenant ON smtp_ip_addresses FOR SELECT TO PUBLIC
    USING (dedicated_tenant_id IS NULL OR dedicated_tenant_id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid);

-- What led to an address's states is the platform's alone.
CALL force_rls('ip_reputation_history');
CALL admit_role('ip_reputation_history', 'penguinmails_platform', 'platform', 'ALL');
GRANT SELECT ON ip_reputation_history TO penguinmails_app;
