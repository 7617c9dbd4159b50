-- What must be known before a tenant or user is: each looks one row up by an exact secret or address, and no more.
-- They return spent and revoked rows too, so that the caller can tell a replay from a stranger.

CREATE OR REPLACE FUNCTION find_login(p_email text)
RETURNS TABLE (user_id uuid, password_hash text, failed_attempts integer, locked_until timestamptz, two_factor_enabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT c.user_id, c.password_hash, c.failed_attempts, c.locked_until, c.two_factor_enabled
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

REVOKE ALL ON FUNCTION find_login(text), find_session(bytea), find_user_token(text, bytea), find_api_key(bytea),
    find_invitation(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_login(text), find_session(bytea), find_user_token(text, bytea), find_api_key(bytea),
    find_invitation(bytea) TO penguinmails_app;
