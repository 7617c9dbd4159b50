GRANT SELECT, INSERT, UPDATE, DELETE ON tenants, tenant_users, companies, company_members, invitations, user_credentials,
    user_sessions, user_tokens, api_keys, user_preferences, tenant_config, tenant_policies TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE ON users TO penguinmails_app;
-- Not what people and programs prove themselves with: no sweep needs a hash.
GRANT SELECT ON users, tenants, tenant_users, companies, company_members, invitations, user_preferences, tenant_config,
    tenant_policies TO penguinmails_platform;

CALL protect_tenant_table('companies', 'companies_tenant_isolation');
CALL protect_tenant_table('company_members', 'company_members_tenant_isolation');
CALL protect_tenant_table('invitations', 'invitations_tenant_isolation');
CALL protect_tenant_table('api_keys', 'api_keys_tenant_isolation');
CALL protect_tenant_table('tenant_config', 'tenant_config_isolation');
CALL protect_tenant_table('tenant_policies', 'tenant_policies_isolation');
CALL protect_user_table('user_preferences', 'user_preferences_isolation');
CALL protect_user_table('user_credentials', 'user_credentials_isolation');
CALL protect_user_table('user_tokens', 'user_tokens_isolation');

-- A user sees the own memberships from any tenant: that is the list to switch between.
CALL protect_tenant_table('tenant_users', 'tenant_users_tenant_isolation');
DROP POLICY IF EXISTS tenant_users_own ON tenant_users;
CREATE POLICY tenant_users_own ON tenant_users FOR SELECT TO PUBLIC
    USING (user_id = NULLIF(current_setting('app.current_user_id', true), '')::uuid);

-- The two policies below look into tenant_users, whose own policies look nowhere else: no recursion.
CALL force_rls('tenants');
DROP POLICY IF EXISTS tenants_tenant_isolation ON tenants;
CREATE POLICY tenants_tenant_isolation ON tenants FOR ALL TO PUBLIC
    USING (id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid)
    WITH CHECK (id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid);
DROP POLICY IF EXISTS tenants_membership ON tenants;
CREATE POLICY tenants_membership ON tenants FOR SELECT TO PUBLIC
    USING (EXISTS (
        SELECT 1
        FROM tenant_users m
        WHERE m.tenant_id = tenants.id
          AND m.user_id = NULLIF(current_setting('app.current_user_id', true), '')::uuid
          AND m.deleted IS NULL));
CALL admit_role('tenants', 'penguinmails_platform', 'platform', 'SELECT');
-- Staff close a tenant, open it again and take back its deletion: nothing else of it is theirs to change.
GRANT UPDATE (suspended, suspension_reason, deleted, delete_after) ON tenants TO penguinmails_platform;
CALL admit_role('tenants', 'penguinmails_platform', 'platform_update', 'UPDATE');

CALL force_rls('users');
DROP POLICY IF EXISTS users_isolation ON users;
CREATE POLICY users_isolation ON users FOR ALL TO PUBLIC
    USING (id = NULLIF(current_setting('app.current_user_id', true), '')::uuid)
    WITH CHECK (id = NULLIF(current_setting('app.current_user_id', true), '')::uuid);
DROP POLICY IF EXISTS users_of_tenant ON users;
CREATE POLICY users_of_tenant ON users FOR SELECT TO PUBLIC
    USING (EXISTS (
        SELECT 1
        FROM tenant_users m
        WHERE m.user_id = users.id
          AND m.tenant_id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid));
CALL admit_role('users', 'penguinmails_platform', 'platform', 'SELECT');

-- A tenant may end the sessions of its people.
CALL force_rls('user_sessions');
DROP POLICY IF EXISTS user_sessions_isolation ON user_sessions;
CREATE POLICY user_sessions_isolation ON user_sessions FOR ALL TO PUBLIC
    USING (user_id = NULLIF(current_setting('app.current_user_id', true), '')::uuid
        OR tenant_id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid)
    -- Written only for the tenant that is entered: who sees a session of their own elsewhere may not point it there.
    WITH CHECK (tenant_id = NULLIF(current_setting('app.current_tenant_id', true), '')::uuid
        OR (tenant_id IS NULL AND user_id = NULLIF(current_setting('app.current_user_id', true), '')::uuid));
CALL admit_role('user_sessions', 'penguinmails_platform', 'platform', 'SELECT');

-- For the look-ups before any scope, for the strictest rules of one's tenants, and for security events that name a tenant or user.
CALL admit_owner('users', 'SELECT');
CALL admit_owner('tenants', 'SELECT');
CALL admit_owner('tenant_users', 'SELECT');
CALL admit_owner('tenant_policies', 'SELECT');
CALL admit_owner('user_credentials', 'SELECT');
CALL admit_owner('user_sessions', 'ALL');
CALL admit_owner('user_tokens', 'ALL');
CALL admit_owner('api_keys', 'SELECT');
CALL admit_owner('invitations', 'ALL');
CALL admit_owner('tenant_config', 'ALL');
