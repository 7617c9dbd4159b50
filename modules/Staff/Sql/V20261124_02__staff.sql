-- The people who run the platform and what they may do, its settings, flags and notifications.

CREATE TABLE staff_roles (
    id INTEGER PRIMARY KEY,
    name VARCHAR(50) UNIQUE,
    description TEXT,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE permissions (
    id INTEGER PRIMARY KEY,
    name VARCHAR(100) UNIQUE,
    description TEXT,
    category VARCHAR(50) DEFAULT 'general',
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE TABLE staff_role_permissions (
    role_id INTEGER REFERENCES staff_roles(id),
    permission_id INTEGER REFERENCES permissions(id),
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    PRIMARY KEY (role_id, permission_id)
);

CREATE INDEX idx_staff_role_permissions_permission ON staff_role_permissions (permission_id);

CREATE TABLE staff_members (
    user_id UUID PRIMARY KEY REFERENCES users(id),
    role_id INTEGER NOT NULL REFERENCES staff_roles(id),
    notes TEXT,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE INDEX idx_staff_members_role ON staff_members (role_id);

INSERT INTO staff_roles (id, name, description) VALUES
    (1, 'super_admin', 'Everything, staff included'),
    (2, 'admin', 'Runs the platform; no staff changes, no sensitive settings'),
    (3, 'support', 'Helps tenants; no personal data, no mail bodies'),
    (4, 'qa', 'Looks at how the platform does')
ON CONFLICT DO NOTHING;

INSERT INTO permissions (id, name, description, category) VALUES
    (1, 'tenants.read', 'Read tenants', 'tenants'),
    (2, 'tenants.update', 'Change tenants', 'tenants'),
    (3, 'tenants.suspend', 'Suspend and restore tenants', 'tenants'),
    (4, 'users.read', 'Read users without personal data', 'users'),
    (5, 'users.read_pii', 'Read users'' personal data', 'users'),
    (6, 'users.update', 'Change users', 'users'),
    (7, 'billing.read', 'Read subscriptions and payments', 'billing'),
    (8, 'billing.refund', 'Refund payments', 'billing'),
    (9, 'plans.manage', 'Change plans', 'billing'),
    (10, 'infrastructure.read', 'Read servers, addresses and domains', 'infrastructure'),
    (11, 'infrastructure.manage', 'Change servers, addresses and assignments', 'infrastructure'),
    (12, 'ips.quarantine', 'Quarantine and release addresses', 'infrastructure'),
    (13, 'pools.read', 'Read connection pools and their metrics', 'infrastructure'),
    (14, 'pools.manage', 'Change connection pools', 'infrastructure'),
    (15, 'security.read', 'Read security events', 'security'),
    (16, 'security.resolve', 'Resolve security incidents', 'security'),
    (17, 'notifications.read', 'Read system notifications', 'notifications'),
    (18, 'notifications.resolve', 'Resolve system notifications', 'notifications'),
    (19, 'flags.read', 'Read feature flags', 'flags'),
    (20, 'flags.manage', 'Change feature flags and overrides', 'flags'),
    (21, 'config.read', 'Read settings that are not sensitive', 'config'),
    (22, 'config.manage', 'Change settings', 'config'),
    (23, 'config.read_sensitive', 'Read sensitive settings', 'config'),
    (24, 'staff.read', 'Read staff members and roles', 'staff'),
    (25, 'staff.manage', 'Change staff members and roles', 'staff'),
    (26, 'staff.elevate', 'Take elevated access for an hour', 'staff'),
    (27, 'audit.read', 'Read the audit log', 'audit'),
    (28, 'jobs.manage', 'See and run background jobs', 'jobs')
ON CONFLICT DO NOTHING;

INSERT INTO staff_role_permissions (role_id, permission_id)
SELECT r.id, p.id
FROM staff_roles r
JOIN permissions p ON CASE r.name
    WHEN 'super_admin' THEN true
    WHEN 'admin' THEN p.name NOT IN ('staff.manage', 'config.read_sensitive')
    WHEN 'support' THEN p.name IN ('tenants.read', 'users.read', 'billing.read', 'infrastructure.read', 'security.read',
        'notifications.read', 'notifications.resolve', 'flags.read', 'config.read')
    WHEN 'qa' THEN p.name IN ('tenants.read', 'infrastructure.read', 'pools.read', 'notifications.read', 'flags.read', 'config.read')
END
ON CONFLICT DO NOTHING;


-- An hour of more than the daily work needs, with its reason.
CREATE TABLE staff_elevations (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id UUID NOT NULL REFERENCES staff_members(user_id) ON DELETE CASCADE,
    tenant_id UUID REFERENCES tenants(id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    approved_by UUID REFERENCES users(id) ON DELETE SET NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    expires TIMESTAMP WITH TIME ZONE NOT NULL,
    ended TIMESTAMP WITH TIME ZONE,
    CHECK (expires > created)
);

CREATE INDEX idx_staff_elevations_user ON staff_elevations (user_id, expires);
CREATE INDEX idx_staff_elevations_tenant ON staff_elevations (tenant_id);
CREATE INDEX idx_staff_elevations_approved_by ON staff_elevations (approved_by);


-- What was done outlives who did it and to whom: the references turn NULL, the row stays.
CREATE TABLE audit_log (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID REFERENCES tenants(id) ON DELETE SET NULL,
    actor_user_id UUID REFERENCES users(id) ON DELETE SET NULL,
    elevation_id UUID,  -- of staff_elevations, which may be gone
    action VARCHAR(100) NOT NULL,
    resource_type VARCHAR(50),
    resource_id VARCHAR(255),
    reason TEXT,
    ip_address INET,
    metadata JSONB,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW()
);

CREATE INDEX idx_audit_log_tenant_created ON audit_log (tenant_id, created DESC);
CREATE INDEX idx_audit_log_actor_created ON audit_log (actor_user_id, created DESC);
CREATE INDEX idx_audit_log_created ON audit_log (created DESC);


CREATE TABLE system_notifications (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    category VARCHAR(100) NOT NULL,
    title VARCHAR(255) NOT NULL,
    message TEXT NOT NULL,
    severity VARCHAR(20) NOT NULL DEFAULT 'info'
        CHECK (severity IN ('info', 'low', 'medium', 'warning', 'high', 'error', 'critical')),
    source_type VARCHAR(50),
    source_id VARCHAR(255),
    tenant_id UUID REFERENCES tenants(id) ON DELETE CASCADE,
    user_id UUID REFERENCES users(id) ON DELETE SET NULL,
    is_resolved BOOLEAN NOT NULL DEFAULT FALSE,
    resolved TIMESTAMP WITH TIME ZONE,
    resolved_by UUID REFERENCES users(id) ON DELETE SET NULL,
    resolution_notes TEXT,
    auto_resolve_after TIMESTAMP WITH TIME ZONE,
    alert_count INTEGER NOT NULL DEFAULT 1 CHECK (alert_count > 0),
    first_occurrence TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    last_occurrence TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    metadata JSONB,
    dedup_key VARCHAR(255),
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    CHECK (is_resolved = (resolved IS NOT NULL))
);

-- While a matter is open, its repeats count up on its one row.
CREATE UNIQUE INDEX system_notifications_dedup_open ON system_notifications (dedup_key) WHERE NOT is_resolved;
CREATE INDEX idx_system_notifications_open ON system_notifications (severity, last_occurrence DESC) WHERE NOT is_resolved;
CREATE INDEX idx_system_notifications_auto_resolve ON system_notifications (auto_resolve_after) WHERE NOT is_resolved;
CREATE INDEX idx_system_notifications_created ON system_notifications (created DESC);
CREATE INDEX idx_system_notifications_tenant ON system_notifications (tenant_id, created DESC);
CREATE INDEX idx_system_notifications_user ON system_notifications (user_id);
CREATE INDEX idx_system_notifications_resolved_by ON system_notifications (resolved_by);


CREATE TABLE system_config (
    key VARCHAR(255) PRIMARY KEY,
    value JSONB,
    description VARCHAR(500),
    category VARCHAR(50),
    is_sensitive BOOLEAN NOT NULL DEFAULT FALSE,
    updated_by UUID REFERENCES users(id) ON DELETE SET NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE INDEX idx_system_config_updated_by ON system_config (updated_by);


CREATE TABLE feature_flags (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    key VARCHAR(100) UNIQUE NOT NULL,
    description TEXT,
    is_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    rollout_percentage INTEGER NOT NULL DEFAULT 0 CHECK (rollout_percentage BETWEEN 0 AND 100),
    updated_by UUID REFERENCES users(id) ON DELETE SET NULL,
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

CREATE INDEX idx_feature_flags_updated_by ON feature_flags (updated_by);

CREATE TABLE feature_flag_overrides (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    feature_flag_id UUID NOT NULL REFERENCES feature_flags(id) ON DELETE CASCADE,
    is_enabled BOOLEAN NOT NULL,
    updated_by UUID REFERENCES users(id) ON DELETE SET NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, feature_flag_id)
);

CREATE INDEX idx_feature_flag_overrides_flag ON feature_flag_overrides (feature_flag_id);
CREATE INDEX idx_feature_flag_overrides_updated_by ON feature_flag_overrides (updated_by);


CREATE TABLE schema_documentation_status (
    document_name VARCHAR(100) PRIMARY KEY,
    last_updated TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    version VARCHAR(20),
    sync_status VARCHAR(20) NOT NULL DEFAULT 'needs_update' CHECK (sync_status IN ('synchronized', 'needs_update', 'outdated')),
    changes_summary TEXT,
    next_review_date DATE,
    responsible_team VARCHAR(50),
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

INSERT INTO schema_documentation_status (
    document_name, version, sync_status, changes_summary, next_review_date, responsible_team
) VALUES
    ('OLTP Schema Guide', '2.1', 'synchronized',
     'Added unified security policies, IP-based restrictions, connection pooling strategy, table naming standards', '2026-02-01', 'Platform Team'),
    ('Content Database Schema Guide', '2.1', 'synchronized',
     'Enhanced lifecycle management, automated retention policies, cross-tier security integration, storage optimization', '2026-02-01', 'Content Team'),
    ('Queue System Schema Guide', '2.1', 'synchronized',
     'Unified security policies, enhanced priority system, connection pooling optimization, queue access controls', '2026-02-01', 'Queue Team'),
    ('OLAP Analytics Schema Guide', '2.1', 'synchronized',
     'Cross-tier security policies, analytics access controls, connection pooling strategy, export security', '2026-02-01', 'Analytics Team')
ON CONFLICT DO NOTHING;


CALL track_updates('staff_members', 'system_notifications', 'system_config', 'feature_flags', 'feature_flag_overrides',
    'schema_documentation_status');
