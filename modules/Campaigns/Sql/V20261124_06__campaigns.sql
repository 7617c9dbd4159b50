-- Leads, templates and campaigns: what is written to whom, and how far each lead has come.

CREATE TABLE leads (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    email VARCHAR(255) NOT NULL,
    name VARCHAR(200),
    company VARCHAR(200),
    status VARCHAR(20) NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'unsubscribed', 'bounced', 'complained', 'archived')),
    updated TIMESTAMP WITH TIME ZONE,
    first_name VARCHAR(100),
    last_name VARCHAR(100),
    attributes JSONB NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    timezone VARCHAR(100),
    score INTEGER NOT NULL DEFAULT 0,
    soft_bounces INTEGER NOT NULL DEFAULT 0 CHECK (soft_bounces >= 0),
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),

    UNIQUE(tenant_id, email),
    UNIQUE (tenant_id, id)
);

CREATE UNIQUE INDEX leads_email_unique ON leads (tenant_id, lower(email));
CREATE INDEX idx_leads_tenant ON leads(tenant_id);
CREATE INDEX idx_leads_status ON leads (tenant_id, status, id);


CREATE TABLE lead_lists (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    company_id UUID,
    name VARCHAR(200) NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX lead_lists_name_unique ON lead_lists (tenant_id, lower(name));
CREATE INDEX idx_lead_lists_company ON lead_lists (company_id, tenant_id);


CREATE TABLE lead_list_members (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    list_id UUID NOT NULL,
    lead_id UUID NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (list_id, lead_id),
    FOREIGN KEY (tenant_id, list_id) REFERENCES lead_lists (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_lead_list_members_list ON lead_list_members (tenant_id, list_id, lead_id);
CREATE INDEX idx_lead_list_members_lead ON lead_list_members (lead_id, tenant_id);


CREATE TABLE lead_imports (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    list_id UUID,
    file_name VARCHAR(255) NOT NULL,
    status VARCHAR(20) NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'completed', 'failed', 'canceled')),
    total_rows INTEGER NOT NULL DEFAULT 0 CHECK (total_rows >= 0),
    imported INTEGER NOT NULL DEFAULT 0 CHECK (imported >= 0),
    updated_rows INTEGER NOT NULL DEFAULT 0 CHECK (updated_rows >= 0),
    skipped INTEGER NOT NULL DEFAULT 0 CHECK (skipped >= 0),
    refused INTEGER NOT NULL DEFAULT 0 CHECK (refused >= 0),
    refusals JSONB,
    error TEXT,
    idempotency_key VARCHAR(255),
    created_by UUID REFERENCES users(id) ON DELETE SET NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    completed TIMESTAMP WITH TIME ZONE,
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, idempotency_key),
    FOREIGN KEY (tenant_id, list_id) REFERENCES lead_lists (tenant_id, id) ON DELETE SET NULL (list_id)
);

CREATE INDEX idx_lead_imports_list ON lead_imports (list_id, tenant_id);
CREATE INDEX idx_lead_imports_created_by ON lead_imports (created_by);


CREATE TABLE templates (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    name VARCHAR(100) NOT NULL,
    subject VARCHAR(255),
    content TEXT,
    is_started BOOLEAN NOT NULL DEFAULT FALSE,
    updated TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE (tenant_id, id)
);

COMMENT ON COLUMN templates.is_started IS 'Means starred.';


CREATE TABLE folders (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name TEXT NOT NULL,
    updated TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, id)
);


CREATE TABLE template_folders (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    template_id UUID REFERENCES templates(id) ON DELETE CASCADE,
    folder_id BIGINT REFERENCES folders(id) ON DELETE CASCADE,
    updated TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE(template_id, folder_id),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, folder_id) REFERENCES folders (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_template_folders_template ON template_folders (tenant_id, template_id);
CREATE INDEX idx_template_folders_folder ON template_folders (folder_id, tenant_id);


-- A tag without a tenant is a default one: every tenant reads it, none writes it.
CREATE TABLE tags (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    value TEXT NOT NULL,
    description TEXT,
    name TEXT,
    tenant_id UUID REFERENCES tenants(id) ON DELETE CASCADE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE,
    is_default BOOLEAN NOT NULL DEFAULT FALSE,
    UNIQUE (tenant_id, id),
    CHECK (is_default = (tenant_id IS NULL))
);

CREATE UNIQUE INDEX tags_value_unique ON tags (tenant_id, lower(value)) NULLS NOT DISTINCT;

INSERT INTO tags (value, name, description, is_default) VALUES
    ('cold-outreach', 'Cold outreach', 'First contact', true),
    ('follow-up', 'Follow-up', 'A reminder in the same thread', true),
    ('introduction', 'Introduction', 'Who we are and why we write', true),
    ('meeting', 'Meeting request', 'Asks for a time to talk', true),
    ('breakup', 'Last message', 'Closes the sequence', true)
ON CONFLICT DO NOTHING;


CREATE TABLE template_tags (
    id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    template_id UUID REFERENCES templates(id) ON DELETE CASCADE,
    tag_id BIGINT REFERENCES tags(id) ON DELETE CASCADE,
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    updated TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    UNIQUE(template_id, tag_id),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_template_tags_template ON template_tags (tenant_id, template_id);
CREATE INDEX idx_template_tags_tag ON template_tags (tag_id, tenant_id);

-- Stands for a foreign key on (tenant_id, tag_id), which would refuse the default tags.
CREATE FUNCTION check_template_tag() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    IF NEW.tag_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.id = NEW.tag_id AND (t.tenant_id = NEW.tenant_id OR t.tenant_id IS NULL)) THEN
        RAISE EXCEPTION 'tag % is neither the tenant''s nor a default one', NEW.tag_id
            USING ERRCODE = 'foreign_key_violation', TABLE = 'template_tags', CONSTRAINT = 'template_tags_tag_tenant';
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER template_tags_tag_tenant BEFORE INSERT OR UPDATE OF tag_id, tenant_id ON template_tags
    FOR EACH ROW EXECUTE FUNCTION check_template_tag();


CREATE TABLE campaigns (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    company_id UUID REFERENCES companies(id) ON DELETE CASCADE,
    name VARCHAR(200) NOT NULL,
    description TEXT,
    status VARCHAR(50) NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'scheduled', 'sending', 'completed', 'paused')),
    scheduled TIMESTAMP WITH TIME ZONE,
    completed TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    timezone VARCHAR(100) NOT NULL DEFAULT 'UTC',
    window_start TIME NOT NULL DEFAULT '09:00',
    window_end TIME NOT NULL DEFAULT '17:00',
    -- ISO: 1 is Monday.
    window_days SMALLINT[] NOT NULL DEFAULT '{1,2,3,4,5}'
        CHECK (window_days <@ '{1,2,3,4,5,6,7}'::smallint[] AND cardinality(window_days) > 0),
    use_lead_timezone BOOLEAN NOT NULL DEFAULT FALSE,
    daily_limit INTEGER CHECK (daily_limit > 0),
    min_gap_seconds INTEGER NOT NULL DEFAULT 120 CHECK (min_gap_seconds >= 0),
    track_opens BOOLEAN NOT NULL DEFAULT FALSE,
    track_clicks BOOLEAN NOT NULL DEFAULT FALSE,
    started TIMESTAMP WITH TIME ZONE,
    pause_reason TEXT,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id) ON DELETE CASCADE,
    CHECK (window_start < window_end)
);

CREATE INDEX idx_campaigns_tenant ON campaigns(tenant_id);
CREATE INDEX idx_campaigns_company ON campaigns (company_id, tenant_id);
CREATE INDEX idx_campaigns_status ON campaigns (tenant_id, status);
CREATE INDEX idx_campaigns_scheduled ON campaigns (scheduled) WHERE status = 'scheduled';


CREATE TABLE campaign_sequence_steps (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    campaign_id UUID REFERENCES campaigns(id) ON DELETE CASCADE,
    step_order INTEGER NOT NULL CHECK (step_order >= 0),
    step_type VARCHAR(50) NOT NULL CHECK (step_type IN ('email', 'wait', 'condition')),
    email_account_id UUID REFERENCES email_accounts(id),
    template_id UUID REFERENCES templates(id),
    subject_override VARCHAR(500),
    from_name_override VARCHAR(100),
    wait_duration_hours INTEGER CHECK (wait_duration_hours > 0),
    wait_until_date TIMESTAMP WITH TIME ZONE,
    condition_type VARCHAR(50)
        CHECK (condition_type IN ('email_opened', 'email_clicked', 'email_replied', 'lead_attribute', 'lead_score')),
    condition_value VARCHAR(100),
    send_condition TEXT
        CHECK (send_condition IN ('always', 'not_opened', 'not_clicked', 'not_replied', 'opened', 'clicked', 'replied')),
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    executed_count INTEGER NOT NULL DEFAULT 0 CHECK (executed_count >= 0),
    last_executed TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    -- Where a condition leads; NULL: the next step, or the end.
    true_step_order INTEGER CHECK (true_step_order >= 0),
    false_step_order INTEGER CHECK (false_step_order >= 0),
    UNIQUE (tenant_id, id),
    -- Deferrable: steps may swap their places within one transaction.
    UNIQUE (campaign_id, step_order) DEFERRABLE INITIALLY IMMEDIATE,
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, template_id) REFERENCES templates (tenant_id, id),
    CHECK (step_type <> 'wait' OR num_nonnulls(wait_duration_hours, wait_until_date) = 1),
    CHECK (step_type <> 'condition' OR condition_type IS NOT NULL)
);

CREATE INDEX idx_campaign_sequence_steps_campaign_order ON campaign_sequence_steps(campaign_id, step_order);
CREATE INDEX idx_campaign_sequence_steps_campaign ON campaign_sequence_steps (tenant_id, campaign_id, step_order);
CREATE INDEX idx_campaign_sequence_steps_account ON campaign_sequence_steps (email_account_id, tenant_id);
CREATE INDEX idx_campaign_sequence_steps_template ON campaign_sequence_steps (template_id, tenant_id);


-- The mailboxes that a campaign spreads its leads over.
CREATE TABLE campaign_email_accounts (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    campaign_id UUID NOT NULL,
    email_account_id UUID NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (campaign_id, email_account_id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_campaign_email_accounts_campaign ON campaign_email_accounts (tenant_id, campaign_id);
CREATE INDEX idx_campaign_email_accounts_account ON campaign_email_accounts (email_account_id, tenant_id);


-- Enrollment: how far a lead has come in a campaign.
CREATE TABLE campaign_leads (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    campaign_id UUID NOT NULL,
    lead_id UUID NOT NULL,
    status VARCHAR(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'active', 'paused', 'completed', 'exited')),
    exit_reason VARCHAR(20)
        CHECK (exit_reason IN ('replied', 'bounced', 'unsubscribed', 'complained', 'removed', 'failed')),
    email_account_id UUID,  -- sticky: follow-ups leave from where the first message left
    current_step INTEGER NOT NULL DEFAULT 0 CHECK (current_step >= 0),  -- step_order of the next step
    next_run TIMESTAMP WITH TIME ZONE,
    lease_owner UUID,  -- the batch that works on it: only its holder may write the outcome
    lease_until TIMESTAMP WITH TIME ZONE,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    thread_message_id TEXT,
    last_message_id TEXT,
    thread_subject TEXT,
    last_error TEXT,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (campaign_id, lead_id),
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id) ON DELETE SET NULL (email_account_id),
    CHECK ((status = 'exited') = (exit_reason IS NOT NULL))
);

CREATE INDEX idx_campaign_leads_due ON campaign_leads (tenant_id, next_run) WHERE status IN ('pending', 'active');
CREATE INDEX idx_campaign_leads_campaign_due ON campaign_leads (campaign_id, next_run) WHERE status IN ('pending', 'active');
CREATE INDEX idx_campaign_leads_campaign ON campaign_leads (tenant_id, campaign_id, status);
CREATE INDEX idx_campaign_leads_lead ON campaign_leads (lead_id, tenant_id);
CREATE INDEX idx_campaign_leads_account ON campaign_leads (email_account_id, tenant_id);


-- Who must not be written to. Without a tenant: by nobody; without a company: by no company of the tenant.
-- Erasure blanks the address and keeps its hash.
CREATE TABLE suppressions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID REFERENCES tenants(id) ON DELETE CASCADE,
    company_id UUID,
    email_hash BYTEA NOT NULL CHECK (length(email_hash) = 32),  -- sha256 of lower(email)
    email TEXT,
    reason VARCHAR(30) NOT NULL
        CHECK (reason IN ('unsubscribed', 'hard_bounce', 'soft_bounces', 'complaint', 'manual', 'imported')),
    source VARCHAR(255),
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (tenant_id, id),
    UNIQUE NULLS NOT DISTINCT (tenant_id, company_id, email_hash),
    FOREIGN KEY (tenant_id, company_id) REFERENCES companies (tenant_id, id) ON DELETE CASCADE,
    CHECK (tenant_id IS NOT NULL OR company_id IS NULL)
);

CREATE INDEX idx_suppressions_hash ON suppressions (email_hash);
CREATE INDEX idx_suppressions_company ON suppressions (company_id, tenant_id);


CALL track_updates('leads', 'lead_lists', 'templates', 'folders', 'template_folders', 'tags', 'template_tags', 'campaigns',
    'campaign_sequence_steps', 'campaign_leads');
