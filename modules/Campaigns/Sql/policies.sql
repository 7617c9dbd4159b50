GRANT SELECT, INSERT, UPDATE, DELETE ON template_versions TO penguinmails_app;
GRANT SELECT ON template_versions TO penguinmails_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON leads, lead_lists, lead_list_members, lead_imports, templates, folders, template_folders,
    tags, template_tags, campaigns, campaign_sequence_steps, campaign_email_accounts, campaign_leads, content.email_messages,
    content.email_content, content.email_events, content.attachments, olap.campaign_daily TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON lead_tags, lead_import_refusals, lead_import_rows TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_step_variants, content.inbox_threads, content.inbox_messages, content.inbox_thread_tags
    TO penguinmails_app;
GRANT SELECT ON campaign_step_variants, content.inbox_threads, content.inbox_messages, content.inbox_thread_tags TO penguinmails_platform;
-- The platform counts what each tenant stores.
GRANT SELECT ON olap.storage_daily TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE ON olap.storage_daily TO penguinmails_platform;
-- A suppression is never dropped.
GRANT SELECT, INSERT, UPDATE ON suppressions TO penguinmails_app, penguinmails_platform;
GRANT SELECT ON lead_tags, lead_import_refusals, lead_import_rows TO penguinmails_platform;
GRANT SELECT ON leads, lead_lists, lead_list_members, lead_imports, templates, folders, template_folders, tags, template_tags,
    campaigns, campaign_sequence_steps, campaign_email_accounts, campaign_leads, content.email_messages, content.email_content,
    content.email_events, content.attachments, olap.campaign_daily TO penguinmails_platform;

CALL protect_tenant_table('leads', 'leads_tenant_isolation');
CALL protect_tenant_table('lead_lists', 'lead_lists_tenant_isolation');
CALL protect_tenant_table('lead_list_members', 'lead_list_members_tenant_isolation');
CALL protect_tenant_table('lead_imports', 'lead_imports_tenant_isolation');
CALL protect_tenant_table('lead_tags', 'lead_tags_tenant_isolation');
CALL protect_tenant_table('lead_import_refusals', 'lead_import_refusals_tenant_isolation');
CALL protect_tenant_table('lead_import_rows', 'lead_import_rows_tenant_isolation');
CALL protect_tenant_table('templates', 'templates_tenant_isolation');
CALL protect_tenant_table('template_versions', 'template_versions_tenant_isolation');
CALL protect_tenant_table('folders', 'folders_tenant_isolation');
CALL protect_tenant_table('template_folders', 'template_folders_tenant_isolation');
CALL protect_tenant_table('template_tags', 'template_tags_tenant_isolation');
CALL protect_tenant_table('campaigns', 'campaigns_tenant_isolation');
CALL protect_tenant_table('campaign_sequence_steps', 'campaign_sequence_steps_tenant_isolation');
CALL protect_tenant_table('campaign_email_accounts', 'campaign_email_accounts_tenant_isolation');
CALL protect_tenant_table('campaign_leads', 'campaign_leads_tenant_isolation');
CALL protect_tenant_table('content.email_messages', 'email_messages_tenant_isolation');
CALL protect_tenant_table('content.email_content', 'email_content_tenant_isolation');
CALL protect_tenant_table('content.email_events', 'email_events_tenant_isolation');
CALL protect_tenant_table('content.attachments', 'attachments_tenant_isolation');
CALL protect_tenant_table('olap.campaign_daily', 'campaign_daily_tenant_isolation');
CALL protect_tenant_table('olap.storage_daily', 'storage_daily_tenant_isolation', 'ALL');
CALL protect_tenant_table('campaign_step_variants', 'campaign_step_variants_tenant_isolation');
CALL protect_tenant_table('content.inbox_threads', 'inbox_threads_tenant_isolation');
CALL protect_tenant_table('content.inbox_messages', 'inbox_messages_tenant_isolation');
CALL protect_tenant_table('content.inbox_thread_tags', 'inbox_thread_tags_tenant_isolation');

-- The default tags: read by every tenant, written by none. The owner checks tags and adds default ones.
CALL protect_tenant_table('tags', 'tags_tenant_isolation');
CALL admit_owner('tags', 'ALL');
DROP POLICY IF EXISTS tags_default ON tags;
CREATE POLICY tags_default ON tags FOR SELECT TO PUBLIC USING (tenant_id IS NULL);

-- A tenant sees its own suppressions; the platform's are only asked about, through is_suppressed().
CALL protect_tenant_table('suppressions', 'suppressions_tenant_isolation');
CALL admit_owner('suppressions', 'SELECT');
DROP POLICY IF EXISTS suppressions_platform_own ON suppressions;
CREATE POLICY suppressions_platform_own ON suppressions FOR ALL TO penguinmails_platform
    USING (tenant_id IS NULL) WITH CHECK (tenant_id IS NULL);
