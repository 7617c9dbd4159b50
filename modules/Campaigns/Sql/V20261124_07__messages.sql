-- What was sent and what came of it. Messages, bodies and events do not refer to each other by foreign keys: their
-- partitions are dropped whole, each at its own age.

CREATE TABLE content.email_messages (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    campaign_id UUID,
    campaign_lead_id UUID,
    step_id UUID,
    lead_id UUID,
    email_account_id UUID,
    message_id TEXT NOT NULL,  -- the header's, chosen before DATA
    to_address TEXT NOT NULL,
    from_address TEXT NOT NULL,
    subject TEXT,
    status VARCHAR(20) NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'sending', 'sent', 'in_doubt', 'failed', 'bounced', 'skipped')),
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    smtp_response TEXT,
    error TEXT,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    sent TIMESTAMP WITH TIME ZONE,
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (id, created),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, campaign_lead_id) REFERENCES campaign_leads (tenant_id, id) ON DELETE SET NULL (campaign_lead_id),
    FOREIGN KEY (tenant_id, step_id) REFERENCES campaign_sequence_steps (tenant_id, id) ON DELETE SET NULL (step_id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE SET NULL (lead_id),
    FOREIGN KEY (tenant_id, email_account_id) REFERENCES email_accounts (tenant_id, id) ON DELETE SET NULL (email_account_id)
) PARTITION BY RANGE (created);

CREATE INDEX idx_email_messages_campaign ON content.email_messages (tenant_id, campaign_id, created);
CREATE INDEX idx_email_messages_unsettled ON content.email_messages (tenant_id, status) WHERE status IN ('sending', 'in_doubt');
CREATE INDEX idx_email_messages_campaign_lead ON content.email_messages (campaign_lead_id, tenant_id);
CREATE INDEX idx_email_messages_step ON content.email_messages (step_id, tenant_id);
CREATE INDEX idx_email_messages_lead ON content.email_messages (lead_id, tenant_id);
CREATE INDEX idx_email_messages_account ON content.email_messages (email_account_id, tenant_id, created);
CREATE INDEX idx_email_messages_message_id ON content.email_messages (message_id);


-- The message as it left, compressed.
CREATE TABLE content.email_content (
    message_id UUID NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    body BYTEA NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    PRIMARY KEY (message_id, created)
) PARTITION BY RANGE (created);

CREATE INDEX idx_email_content_tenant ON content.email_content (tenant_id, created);


CREATE TABLE content.email_events (
    id UUID NOT NULL DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    message_id UUID,
    campaign_id UUID,
    lead_id UUID,
    event_type VARCHAR(20) NOT NULL
        CHECK (event_type IN ('sent', 'delivered', 'opened', 'clicked', 'replied', 'bounced', 'complained', 'unsubscribed', 'deferred')),
    occurred TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    metadata JSONB,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (id, created),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, lead_id) REFERENCES leads (tenant_id, id) ON DELETE SET NULL (lead_id)
) PARTITION BY RANGE (created);

CREATE INDEX idx_email_events_tenant ON content.email_events (tenant_id, created);
CREATE INDEX idx_email_events_campaign ON content.email_events (tenant_id, campaign_id, event_type, created);
CREATE INDEX idx_email_events_lead ON content.email_events (lead_id, tenant_id, event_type);
CREATE INDEX idx_email_events_message ON content.email_events (message_id, event_type);


CREATE TABLE content.attachments (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    message_id UUID,
    file_name VARCHAR(255) NOT NULL,
    content_type VARCHAR(255) NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    storage_path VARCHAR(1000) NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE (tenant_id, id)
);

CREATE INDEX idx_attachments_message ON content.attachments (message_id);


-- Counted up per day; step and mailbox are kept as plain ids, so that numbers outlive them. NULL: without one.
CREATE TABLE olap.campaign_daily (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    campaign_id UUID NOT NULL,
    day DATE NOT NULL,
    step_id UUID,
    email_account_id UUID,
    sent INTEGER NOT NULL DEFAULT 0,
    delivered INTEGER NOT NULL DEFAULT 0,
    opened INTEGER NOT NULL DEFAULT 0,
    clicked INTEGER NOT NULL DEFAULT 0,
    replied INTEGER NOT NULL DEFAULT 0,
    bounced INTEGER NOT NULL DEFAULT 0,
    complained INTEGER NOT NULL DEFAULT 0,
    unsubscribed INTEGER NOT NULL DEFAULT 0,
    deferred INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    UNIQUE NULLS NOT DISTINCT (tenant_id, campaign_id, day, step_id, email_account_id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_campaign_daily_day ON olap.campaign_daily (tenant_id, day);


CALL keep_monthly('content.email_messages', 24);
CALL keep_monthly('content.email_content', 12);
CALL keep_monthly('content.email_events', 24);

CALL track_updates('content.email_messages', 'olap.campaign_daily');
