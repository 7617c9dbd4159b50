-- Addresses: how many domains are on each, what each may still send today, and for whom it is.

ALTER TABLE smtp_ip_addresses
    ADD COLUMN dedicated_tenant_id UUID REFERENCES tenants(id) ON DELETE SET NULL,
    ADD COLUMN clean_since TIMESTAMP WITH TIME ZONE;

CREATE INDEX idx_smtp_ip_addresses_dedicated ON smtp_ip_addresses (dedicated_tenant_id);

COMMENT ON COLUMN smtp_ip_addresses.dedicated_tenant_id IS 'The only tenant whose domains may be on it, however many; NULL: it is shared.';
COMMENT ON COLUMN smtp_ip_addresses.clean_since IS 'The first check since when none has found fault with it.';
COMMENT ON COLUMN smtp_ip_addresses.assigned_count IS 'Kept by a trigger on domain_ip_assignments.';

ALTER TABLE ip_reputation_history ADD COLUMN reason TEXT;


-- An assignment that is scheduled has no address yet: its domain waits for one.
CREATE UNIQUE INDEX domain_ip_assignments_one_scheduled ON domain_ip_assignments (tenant_id, domain_id) WHERE status = 'scheduled';

-- By the database, since rows also go with their domain, tenant or address.
CREATE FUNCTION count_domains_of_address() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    left_one uuid := CASE WHEN TG_OP <> 'INSERT' AND OLD.status <> 'expired' THEN OLD.smtp_ip_address_id END;
    taken uuid := CASE WHEN TG_OP <> 'DELETE' AND NEW.status <> 'expired' THEN NEW.smtp_ip_address_id END;
BEGIN
    IF left_one IS DISTINCT FROM taken THEN
        UPDATE smtp_ip_addresses SET assigned_count = assigned_count - 1 WHERE id = left_one;
        UPDATE smtp_ip_addresses SET assigned_count = assigned_count + 1 WHERE id = taken;
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER count_domains_of_address AFTER INSERT OR DELETE OR UPDATE OF status, smtp_ip_address_id ON domain_ip_assignments
    FOR EACH ROW EXECUTE FUNCTION count_domains_of_address();

-- Whatever is configured, no more domains than this share an address. Looked at when all is done: while a tenant is deleted, its own
-- addresses may be shared again before its domains are gone.
CREATE FUNCTION refuse_overfull_address() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM smtp_ip_addresses WHERE id = NEW.id AND dedicated_tenant_id IS NULL AND assigned_count > 8) THEN
        RAISE EXCEPTION 'More than 8 domains on the shared address %', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'smtp_ip_addresses_shared_by_8';
    END IF;
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER smtp_ip_addresses_shared_by_8 AFTER INSERT OR UPDATE ON smtp_ip_addresses
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.dedicated_tenant_id IS NULL AND NEW.assigned_count > 8) EXECUTE FUNCTION refuse_overfull_address();

UPDATE smtp_ip_addresses address SET assigned_count = (
    SELECT count(*) FROM domain_ip_assignments assignment
    WHERE assignment.smtp_ip_address_id = address.id AND assignment.status <> 'expired');


-- An address's day, UTC, in all ('*') and by who receives it. No tenant's.
CREATE TABLE smtp_ip_daily (
    smtp_ip_address_id UUID NOT NULL REFERENCES smtp_ip_addresses(id) ON DELETE CASCADE,
    day DATE NOT NULL,
    provider VARCHAR(20) NOT NULL CHECK (provider IN ('*', 'google', 'microsoft', 'yahoo', 'apple', 'other')),
    reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    sent INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
    deferred INTEGER NOT NULL DEFAULT 0 CHECK (deferred >= 0),
    bounced INTEGER NOT NULL DEFAULT 0 CHECK (bounced >= 0),
    complained INTEGER NOT NULL DEFAULT 0 CHECK (complained >= 0),
    opened INTEGER NOT NULL DEFAULT 0 CHECK (opened >= 0),
    clicked INTEGER NOT NULL DEFAULT 0 CHECK (clicked >= 0),
    PRIMARY KEY (smtp_ip_address_id, day, provider)
);

-- Takes sends of an address's day, of the day's in all and of the one receiver's at once; both rows are locked, so parallel callers
-- never exceed a cap. Returns how many were there to take.
CREATE FUNCTION reserve_address_sends(
    p_address uuid, p_day date, p_provider text, p_wanted integer, p_cap integer, p_provider_cap integer) RETURNS integer
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    granted integer;
BEGIN
    INSERT INTO smtp_ip_daily (smtp_ip_address_id, day, provider) VALUES (p_address, p_day, '*'), (p_address, p_day, p_provider)
    ON CONFLICT DO NOTHING;
    SELECT least(p_wanted, min(CASE today.provider WHEN '*' THEN p_cap ELSE p_provider_cap END - today.reserved)) INTO granted
    FROM (
        SELECT provider, reserved FROM smtp_ip_daily
        WHERE smtp_ip_address_id = p_address AND day = p_day AND provider IN ('*', p_provider)
        ORDER BY provider
        FOR UPDATE
    ) today;
    -- The caps were computed from what the address was a moment ago.
    IF granted <= 0 OR NOT EXISTS (
        SELECT FROM smtp_ip_addresses WHERE id = p_address AND status IN ('assigned', 'warming', 'warmed', 'degraded'))
    THEN
        RETURN 0;
    END IF;
    UPDATE smtp_ip_daily SET reserved = reserved + granted
    WHERE smtp_ip_address_id = p_address AND day = p_day AND provider IN ('*', p_provider);
    RETURN granted;
END;
$$;
