-- Servers are ordered from a provider, one time each whatever breaks; and what blocklists say is kept.

ALTER TABLE vps_instances
    ADD COLUMN provider VARCHAR(20) NOT NULL DEFAULT 'hostwinds' CHECK (provider IN ('hostwinds', 'simulated')),
    ADD COLUMN dedicated_tenant_id UUID REFERENCES tenants(id) ON DELETE SET NULL,
    ADD COLUMN create_requested TIMESTAMP WITH TIME ZONE,
    ADD COLUMN activated TIMESTAMP WITH TIME ZONE,
    ADD COLUMN decommissioned TIMESTAMP WITH TIME ZONE,
    ADD COLUMN decommission_cause VARCHAR(20) CHECK (decommission_cause IN ('staff', 'subscription')),
    ADD COLUMN decommission_reason VARCHAR(500),
    ADD COLUMN last_synced TIMESTAMP WITH TIME ZONE,
    ADD COLUMN last_error TEXT;

COMMENT ON COLUMN vps_instances.create_requested IS 'When the provider was last asked for it and did not refuse.';
COMMENT ON COLUMN vps_instances.dedicated_tenant_id IS 'The tenant it is for alone: it goes when the subscription lapses.';

CREATE INDEX idx_vps_instances_dedicated_tenant ON vps_instances (dedicated_tenant_id);

-- 198.18.0.0/15, which is for benchmarks (RFC 2544) and never routed, without its first and last address.
CREATE SEQUENCE simulated_server_addresses MAXVALUE 131070 CYCLE;


ALTER TABLE domains ADD COLUMN blacklist_status JSONB;

COMMENT ON COLUMN domains.blacklist_status IS 'As smtp_ip_addresses.provider_blacklist_status: {list: {listed, code, since, checked}}.';

-- How each blocklist did in its last self-test (RFC 5782, 5).
CREATE TABLE blocklists (
    name VARCHAR(100) PRIMARY KEY,
    fault TEXT,
    checked TIMESTAMP WITH TIME ZONE NOT NULL
);
