-- Leads: found by prefix and paged in every order under row-level security, tagged, and imported in two phases, so that a crash
-- in either loses nothing and doubles nothing.

-- lower() is not leakproof, so below a policy no index over it is looked up: these are plain columns. "C" compares bytes, whatever
-- the database's own collation, so that one index serves equality, prefix and order.
ALTER TABLE leads
    ADD COLUMN email_key TEXT COLLATE "C" GENERATED ALWAYS AS (lower(email)) STORED NOT NULL,
    ADD COLUMN name_key TEXT COLLATE "C" GENERATED ALWAYS AS (lower(coalesce(name, ''))) STORED NOT NULL,
    ADD COLUMN company_key TEXT COLLATE "C" GENERATED ALWAYS AS (lower(coalesce(company, ''))) STORED NOT NULL;

DROP INDEX leads_email_unique;
CREATE UNIQUE INDEX leads_email_unique ON leads (tenant_id, email_key);
CREATE INDEX idx_leads_name ON leads (tenant_id, name_key, id);
CREATE INDEX idx_leads_company ON leads (tenant_id, company_key, id);
CREATE INDEX idx_leads_score ON leads (tenant_id, score, id);


CREATE TABLE lead_tags (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    lead_id UUID NOT NULL,
    tag_id BIGINT NOT NULL REFERENCES tags(id) ON DELETE CASCADE,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, lead_id, tag_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_lead_tags_tag ON lead_tags (tag_id, tenant_id, lead_id);

-- Stands for a foreign key on (tenant_id, tag_id), which would refuse the default tags.
CREATE FUNCTION check_lead_tag() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = NEW.tag_id AND (t.tenant_id = NEW.tenant_id OR t.tenant_id IS NULL)) THEN
        RAISE EXCEPTION 'tag % is neither the tenant''s nor a default one', NEW.tag_id
            USING ERRCODE = 'foreign_key_violation', TABLE = 'lead_tags', CONSTRAINT = 'lead_tags_tag_tenant';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER lead_tags_tag_tenant BEFORE INSERT OR UPDATE OF tag_id, tenant_id ON lead_tags
    FOR EACH ROW EXECUTE FUNCTION check_lead_tag();


-- An import is uploading, then running (its rows are staged and wait to be merged, or are), then over.
ALTER TABLE lead_imports
    DROP CONSTRAINT lead_imports_status_check,
    ADD CONSTRAINT lead_imports_status_check CHECK (status IN ('uploading', 'running', 'completed', 'failed', 'canceled')),
    ADD COLUMN list_name VARCHAR(200),
    ADD COLUMN on_duplicate VARCHAR(20) NOT NULL DEFAULT 'skip' CHECK (on_duplicate IN ('skip', 'update', 'list_only')),
    ADD COLUMN columns TEXT[],  -- the file's header
    ADD COLUMN bytes_total BIGINT,
    ADD COLUMN bytes_read BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN staged_rows INTEGER NOT NULL DEFAULT 0,  -- what lead_import_rows must hold: a crash of the server empties it
    ADD COLUMN merged_rows INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN phase_started TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    ADD COLUMN lease_owner UUID,  -- the host that works on it: only its holder may finish it
    ADD COLUMN lease_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;

CREATE INDEX idx_lead_imports_open ON lead_imports (lease_until) WHERE status IN ('uploading', 'running') OR staged_rows > 0;


-- All that an import left out, however many.
CREATE TABLE lead_import_refusals (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    import_id UUID NOT NULL,
    line INTEGER NOT NULL,
    email TEXT,
    reason TEXT NOT NULL,
    cells TEXT[],  -- as they were, where the row itself was at fault
    PRIMARY KEY (tenant_id, import_id, line),
    FOREIGN KEY (tenant_id, import_id) REFERENCES lead_imports (tenant_id, id) ON DELETE CASCADE
);

CALL admit_owner('lead_imports', 'SELECT');
INSERT INTO lead_import_refusals (tenant_id, import_id, line, email, reason)
SELECT DISTINCT ON (i.tenant_id, i.id, r.line) i.tenant_id, i.id, r.line, r.email, r.reason
FROM lead_imports i, jsonb_to_recordset(i.refusals) AS r (line integer, email text, reason text);
DROP POLICY lead_imports_owner ON lead_imports;
ALTER TABLE lead_imports DROP COLUMN refusals;


-- The good rows of an upload until they are merged, in the order of the leads' index. Without foreign keys, which would be checked
-- row by row: what is of no open import is swept away.
CREATE UNLOGGED TABLE lead_import_rows (
    tenant_id UUID NOT NULL,
    import_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    line INTEGER NOT NULL,
    first_line INTEGER NOT NULL,  -- another than its own: the row repeats that line's address
    email TEXT COLLATE "C" NOT NULL,
    name TEXT,
    first_name TEXT,
    last_name TEXT,
    company TEXT,
    attributes JSONB NOT NULL,
    is_suppressed BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (tenant_id, import_id, seq)
);
