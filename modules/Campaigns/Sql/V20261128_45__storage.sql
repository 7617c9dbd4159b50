-- What each tenant's mail takes, by the day: a plan limits it, and nobody has time to add it all up.
CREATE TABLE olap.storage_daily (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    day DATE NOT NULL,
    sent_bytes BIGINT NOT NULL DEFAULT 0 CHECK (sent_bytes >= 0),
    received_bytes BIGINT NOT NULL DEFAULT 0 CHECK (received_bytes >= 0),
    PRIMARY KEY (tenant_id, day)
);

CREATE INDEX idx_storage_daily_day ON olap.storage_daily (day);
CREATE INDEX idx_inbox_messages_created ON content.inbox_messages (tenant_id, created);
