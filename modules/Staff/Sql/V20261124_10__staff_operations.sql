-- Settings with types, a chain over the audit log, and notifications that can be followed.

-- A sensitive value is sealed before it comes here, as a string, whatever its type.
ALTER TABLE system_config
    ADD COLUMN value_type VARCHAR(20) NOT NULL DEFAULT 'json' CHECK (value_type IN ('string', 'integer', 'number', 'boolean', 'json')),
    ADD CHECK (value IS NULL OR is_sensitive OR value_type = 'json'
        OR jsonb_typeof(value) = CASE value_type WHEN 'integer' THEN 'number' ELSE value_type END);

-- Written once, by seal_audit_log(). The seal names tenant and actor by itself, so that it outlives them.
ALTER TABLE audit_log
    ADD COLUMN chain_position BIGINT,
    ADD COLUMN chain_hash BYTEA,
    ADD COLUMN chain_tenant_id UUID,
    ADD COLUMN chain_actor_user_id UUID;

CREATE INDEX idx_audit_log_chain ON audit_log (chain_position);
CREATE INDEX idx_audit_log_unsealed ON audit_log (created, id) WHERE chain_position IS NULL;

-- Where the chain ends: the newest rows cannot go unnoticed, either.
CREATE TABLE audit_log_head (
    is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only),
    chain_position BIGINT NOT NULL,
    chain_hash BYTEA NOT NULL
);

-- `updated` moves with each repeat and when it is resolved: who follows asks for what moved since.
CREATE INDEX idx_system_notifications_updated ON system_notifications (updated);
CREATE INDEX idx_system_notifications_tenant_updated ON system_notifications (tenant_id, updated);
