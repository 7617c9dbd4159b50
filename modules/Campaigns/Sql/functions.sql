-- Whether the address must not be written to: by anyone, by this tenant, or by this company of it.
CREATE OR REPLACE FUNCTION is_suppressed(p_tenant_id uuid, p_company_id uuid, p_email text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT EXISTS (
        SELECT 1
        FROM suppressions
        WHERE email_hash = sha256(convert_to(lower(p_email), 'UTF8'))
          AND (tenant_id IS NULL
            OR tenant_id = p_tenant_id AND (company_id IS NULL OR company_id = p_company_id)));
$$;

-- Which of the addresses neither the platform nor the tenant writes to any more; what only a company of it does not is left in.
CREATE OR REPLACE FUNCTION suppressed_among(p_tenant_id uuid, p_emails text[]) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT given.address
    FROM unnest(p_emails) AS given (address)
    WHERE EXISTS (
        SELECT 1
        FROM suppressions
        WHERE email_hash = sha256(convert_to(lower(given.address), 'UTF8')) AND company_id IS NULL
          AND (tenant_id IS NULL OR tenant_id = p_tenant_id));
$$;

-- Which of the addresses must not be written to by this company: asked once for a batch, since each call has a cost of its own.
CREATE OR REPLACE FUNCTION suppressed_for(p_tenant_id uuid, p_company_id uuid, p_emails text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN QUERY
        SELECT given.address
        FROM unnest(p_emails) AS given (address)
        WHERE EXISTS (
            SELECT 1
            FROM suppressions
            WHERE email_hash = sha256(convert_to(lower(given.address), 'UTF8'))
              AND (tenant_id IS NULL
                OR tenant_id = p_tenant_id AND (company_id IS NULL OR company_id = p_company_id)));
END;
$$;

REVOKE ALL ON FUNCTION suppressed_for(uuid, uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION suppressed_for(uuid, uuid, text[]) TO penguinmails_app;
REVOKE ALL ON FUNCTION is_suppressed(uuid, uuid, text), suppressed_among(uuid, text[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_suppressed(uuid, uuid, text) TO penguinmails_app, penguinmails_platform;
GRANT EXECUTE ON FUNCTION suppressed_among(uuid, text[]) TO penguinmails_app;
