-- What a tenant has been told of how much it uses, so that it is told once.
CREATE TABLE usage_alerts (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    metric VARCHAR(50) NOT NULL CHECK (metric IN (
        'users', 'domains', 'campaigns_per_month', 'email_accounts', 'emails_per_month', 'warmups', 'contacts', 'storage')),
    level INTEGER NOT NULL CHECK (level > 0),  -- percent of what is allowed
    raised TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    PRIMARY KEY (tenant_id, metric)
);
