-- What must be known before a tenant or user is: each looks one row up by an exact secret or address, and no more.
-- They return spent rows too, so that the caller can tell a replay from a stranger.

DROP FUNCTION IF EXISTS find_login(text);
CREATE FUNCTION find_login(p_email text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT c.user_id
    FROM user_credentials c
    JOIN users u ON u.id = c.user_id AND u.deleted IS NULL
    WHERE c.email = lower(p_email);
$$;

CREATE OR REPLACE FUNCTION find_session(p_refresh_token_hash bytea) RETURNS SETOF user_sessions
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT * FROM user_sessions WHERE refresh_token_hash = p_refresh_token_hash;
$$;

CREATE OR REPLACE FUNCTION find_user_token(p_purpose text, p_token_hash bytea) RETURNS SETOF user_tokens
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT * FROM user_tokens WHERE token_hash = p_token_hash AND purpose = p_purpose;
$$;

CREATE OR REPLACE FUNCTION find_api_key(p_key_hash bytea) RETURNS SETOF api_keys
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT * FROM api_keys WHERE key_hash = p_key_hash;
$$;

CREATE OR REPLACE FUNCTION find_invitation(p_token_hash bytea) RETURNS SETOF invitations
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT * FROM invitations WHERE token_hash = p_token_hash;
$$;

-- The rules for the current user's account: of several tenants the strictest of each.
CREATE OR REPLACE FUNCTION account_rules()
RETURNS TABLE (min_length integer, uppercase boolean, numbers boolean, symbols boolean, max_attempts integer, two_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT coalesce(max(p.password_min_length), 8), coalesce(bool_or(p.password_require_uppercase), false),
           coalesce(bool_or(p.password_require_numbers), false), coalesce(bool_or(p.password_require_symbols), false),
           coalesce(min(p.max_login_attempts), 5), coalesce(bool_or(p.two_factor_required), false)
    FROM tenant_users m
    JOIN tenants t ON t.id = m.tenant_id AND t.deleted IS NULL
    JOIN tenant_policies p ON p.tenant_id = m.tenant_id
    -- Who has no role there yet, or no longer, is not bound: nobody can be invited into somebody else's rules.
    WHERE m.user_id = NULLIF(current_setting('app.current_user_id', true), '')::uuid AND m.deleted IS NULL AND m.roles <> '{}';
$$;

-- Whether the tenant has an owner besides this person who is not about to leave: credentials are their person's alone.
CREATE OR REPLACE FUNCTION has_other_owner(p_tenant uuid, p_user uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM tenant_users m
        JOIN user_credentials c ON c.user_id = m.user_id AND c.delete_after IS NULL
        WHERE m.tenant_id = p_tenant AND m.user_id <> p_user AND m.deleted IS NULL AND 'owner' = ANY (m.roles));
$$;

-- Takes a person's address out of what tenants keep of them: invitations, and where their bills went.
CREATE OR REPLACE FUNCTION forget_person(p_user uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    address text := (SELECT email FROM user_credentials WHERE user_id = p_user);
BEGIN
    DELETE FROM invitations WHERE accepted_by = p_user OR email = address;
    UPDATE tenant_config SET billing_email = NULL WHERE lower(billing_email) = address;
END;
$$;

-- Whose time of grace is over. The platform's role may not read credentials.
CREATE OR REPLACE FUNCTION accounts_to_delete(p_now timestamptz) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT user_id FROM user_credentials WHERE delete_after <= p_now;
$$;

-- Forgets what no longer opens anything, a month after it stopped: until then a replay is still told from a stranger.
CREATE OR REPLACE FUNCTION forget_expired_credentials(p_now timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    DELETE FROM user_sessions WHERE expires < p_now - interval '30 days';
    DELETE FROM user_tokens WHERE expires < p_now - interval '30 days';
$$;

-- What belongs to a company: the tables, in whichever module, that refer to it and have rows which do. Members and
-- invitations go with it.
CREATE OR REPLACE FUNCTION company_uses(p_company uuid) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    referring RECORD;
    used boolean;
BEGIN
    FOR referring IN
        SELECT DISTINCT c.oid::regclass AS name, c.relname
        FROM pg_constraint k
        JOIN pg_class c ON c.oid = k.conrelid AND NOT c.relispartition
        WHERE k.contype = 'f' AND k.confrelid = 'public.companies'::regclass
          AND c.relname NOT IN ('company_members', 'invitations')
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE company_id = $1)', referring.name) INTO used USING p_company;
        IF used THEN
            RETURN NEXT replace(referring.relname, '_', ' ');
        END IF;
    END LOOP;
END;
$$;

-- The tables that hold rows of tenants, in whichever module, as far as the caller may read them, with the columns that may
-- leave: hashes and sealed values are of type bytea.
CREATE OR REPLACE FUNCTION tenant_tables() RETURNS TABLE (table_name text, columns text, deletable boolean)
LANGUAGE sql STABLE AS $$
    SELECT c.oid::regclass::text, string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) FILTER (WHERE a.atttypid <> 'bytea'::regtype),
        has_table_privilege(c.oid, 'DELETE')
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname IN ('public', 'content', 'olap')
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND has_table_privilege(c.oid, 'SELECT')
      AND EXISTS (SELECT FROM pg_attribute t WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped)
    GROUP BY c.oid
    ORDER BY 1;
$$;

-- Deletes the current tenant's rows from every table that the caller may delete from, but for the companies themselves. What
-- may not be deleted, or what that refers to, stays: that is what the law keeps.
CREATE OR REPLACE FUNCTION purge_tenant() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    tenant uuid := NULLIF(current_setting('app.current_tenant_id', true), '')::uuid;
    remaining text[] := ARRAY(SELECT table_name FROM tenant_tables() WHERE deletable AND table_name <> 'companies');
    refused text[];
    target text;
BEGIN
    LOOP
        refused := '{}';
        FOREACH target IN ARRAY remaining LOOP
            BEGIN
                EXECUTE format('DELETE FROM %s WHERE tenant_id = $1', target) USING tenant;
            EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN  -- RESTRICT has its own code since PostgreSQL 18
                -- Something refers to it that goes later, or stays.
                refused := refused || target;
            END;
        END LOOP;
        EXIT WHEN cardinality(refused) = cardinality(remaining) OR refused = '{}';
        remaining := refused;
    END LOOP;
END;
$$;

REVOKE ALL ON FUNCTION find_login(text), find_session(bytea), find_user_token(text, bytea), find_api_key(bytea),
    find_invitation(bytea), account_rules(), accounts_to_delete(timestamptz), forget_expired_credentials(timestamptz),
    company_uses(uuid), tenant_tables(), purge_tenant(), has_other_owner(uuid, uuid), forget_person(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_login(text), find_session(bytea), find_user_token(text, bytea), find_api_key(bytea),
    find_invitation(bytea), account_rules(), company_uses(uuid), tenant_tables(), purge_tenant(), has_other_owner(uuid, uuid)
    TO penguinmails_app;
GRANT EXECUTE ON FUNCTION accounts_to_delete(timestamptz), forget_expired_credentials(timestamptz), forget_person(uuid)
    TO penguinmails_platform;
