-- Security events: kept for seven years, by month, and sealed into one chain of hashes.
-- Deleting a tenant or user blanks the reference and keeps the event.

CREATE TABLE security_events (
    id UUID DEFAULT gen_random_uuid(),
    event_type VARCHAR(50) NOT NULL,
    severity VARCHAR(20) NOT NULL DEFAULT 'low' CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    user_id UUID REFERENCES users(id) ON DELETE SET NULL,
    tenant_id UUID REFERENCES tenants(id) ON DELETE SET NULL,
    ip_address INET,
    user_agent TEXT,
    resource_type VARCHAR(50),
    resource_id VARCHAR(255),
    action_attempted VARCHAR(100),
    success BOOLEAN DEFAULT FALSE,
    failure_reason TEXT,
    metadata JSONB,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    -- Written once, by seal_security_events(). The seal names tenant and user by itself, so that it outlives them.
    chain_position BIGINT,
    chain_hash BYTEA,
    chain_tenant_id UUID,
    chain_user_id UUID,
    PRIMARY KEY (id, created)
) PARTITION BY RANGE (created);

CREATE INDEX idx_security_events_tenant_created ON security_events(tenant_id, created DESC);
CREATE INDEX idx_security_events_type_severity ON security_events(event_type, severity, created DESC);
CREATE INDEX idx_security_events_ip ON security_events(ip_address, created DESC);
CREATE INDEX idx_security_events_user ON security_events (user_id, created DESC);
CREATE INDEX idx_security_events_chain ON security_events (chain_position);
CREATE INDEX idx_security_events_unsealed ON security_events (created, id) WHERE chain_position IS NULL;

CALL keep_monthly('security_events', 84);
