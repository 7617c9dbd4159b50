-- Plans, subscriptions and payments. A price of a plan is in cents; the amounts of add-ons and payments are in whole units.

CREATE TABLE plans (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(100) NOT NULL,
    slug VARCHAR(100) NOT NULL UNIQUE,
    description TEXT,
    max_users INTEGER CHECK (max_users > 0),
    max_domains INTEGER CHECK (max_domains > 0),
    max_campaigns_per_month INTEGER CHECK (max_campaigns_per_month > 0),
    api_rate_limit INTEGER CHECK (api_rate_limit > 0),
    max_email_accounts INTEGER CHECK (max_email_accounts > 0),
    max_emails_per_month INTEGER CHECK (max_emails_per_month > 0),
    max_warmups INTEGER CHECK (max_warmups >= 0),
    max_contacts INTEGER CHECK (max_contacts > 0),
    max_storage_gb INTEGER CHECK (max_storage_gb > 0),
    api_access BOOLEAN DEFAULT FALSE,
    priority_support BOOLEAN DEFAULT FALSE,
    advanced_analytics BOOLEAN DEFAULT FALSE,
    white_label BOOLEAN DEFAULT FALSE,
    price_monthly INTEGER CHECK (price_monthly >= 0),
    price_yearly INTEGER CHECK (price_yearly >= 0),
    notes TEXT,  -- Additional plan details and notes
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW()
);

COMMENT ON TABLE plans IS 'Prices in cents, api_rate_limit in requests a minute; a limit that is NULL is unlimited.';

INSERT INTO plans (
    id, name, slug, description, max_users, max_domains, max_campaigns_per_month, api_rate_limit, max_email_accounts,
    max_emails_per_month, max_warmups, max_contacts, max_storage_gb, api_access, priority_support, advanced_analytics,
    white_label, price_monthly, price_yearly, notes, is_active
) VALUES
    ('a0000000-0000-4000-8000-000000000001', 'Starter', 'starter', 'For founders and freelancers',
     2, 5, 20, 60, 15, 10000, 15, 10000, 5, false, false, false, false, 4900, 47000, NULL, true),
    ('a0000000-0000-4000-8000-000000000002', 'Professional', 'professional', 'For agencies with a handful of clients',
     5, 15, 100, 300, 50, 50000, 50, 50000, 25, true, false, false, false, 14900, 143000, NULL, true),
    ('a0000000-0000-4000-8000-000000000003', 'Business', 'business', 'For agencies and sales teams that send at scale',
     15, NULL, NULL, 1000, 200, 200000, 200, 250000, 100, true, true, true, true, 39900, 383000, NULL, true),
    ('a0000000-0000-4000-8000-000000000004', 'Enterprise', 'enterprise', 'For sales operations of hundreds of people',
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, true, true, true, true, NULL, NULL,
     'Price by agreement; not for self-service', false)
ON CONFLICT DO NOTHING;


CREATE TABLE subscriptions (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    plan_id UUID NOT NULL REFERENCES plans(id),
    pending_plan_id UUID REFERENCES plans(id),
    -- A row that says nothing of its payment may not send.
    status VARCHAR(50) NOT NULL DEFAULT 'unpaid' CHECK (status IN ('active', 'past_due', 'canceled', 'unpaid')),
    current_period_start TIMESTAMP WITH TIME ZONE,
    current_period_end TIMESTAMP WITH TIME ZONE,
    cancel_at_period_end BOOLEAN NOT NULL DEFAULT FALSE,
    billing_contact_user_id UUID REFERENCES users(id) ON DELETE SET NULL,
    stripe_subscription_id VARCHAR(255) UNIQUE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    past_due_since TIMESTAMP WITH TIME ZONE,
    canceled TIMESTAMP WITH TIME ZONE,
    UNIQUE (tenant_id, id),
    CHECK (current_period_end > current_period_start)
);

CREATE UNIQUE INDEX subscriptions_live_unique ON subscriptions (tenant_id) WHERE status <> 'canceled';
CREATE INDEX idx_subscriptions_plan ON subscriptions (plan_id);
CREATE INDEX idx_subscriptions_pending_plan ON subscriptions (pending_plan_id);
CREATE INDEX idx_subscriptions_billing_contact ON subscriptions (billing_contact_user_id);
CREATE INDEX idx_subscriptions_period_end ON subscriptions (current_period_end) WHERE status <> 'canceled';


CREATE TABLE subscription_addons (
    id VARCHAR(255) PRIMARY KEY,
    subscription_id UUID REFERENCES subscriptions(id) ON DELETE CASCADE,
    addon_type VARCHAR(50) NOT NULL,
    quantity INTEGER NOT NULL DEFAULT 1 CHECK (quantity > 0),
    price_monthly DECIMAL(10,2) CHECK (price_monthly >= 0),
    stripe_price_id VARCHAR(255),
    is_active BOOLEAN DEFAULT TRUE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    updated TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX idx_subscription_addons_subscription ON subscription_addons (subscription_id, tenant_id);


-- Kept for seven years: neither the subscription nor the tenant can be deleted from under a payment.
CREATE TABLE payments (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    subscription_id UUID REFERENCES subscriptions(id) ON DELETE RESTRICT,
    initiated_by_user_id UUID REFERENCES users(id) ON DELETE SET NULL,
    amount DECIMAL(10,2) NOT NULL CHECK (amount >= 0),
    currency VARCHAR(3) NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
    status VARCHAR(20) NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed', 'refunded')),
    processed TIMESTAMP WITH TIME ZONE,
    description TEXT,
    stripe_payment_intent_id VARCHAR(255) UNIQUE,
    billing_period_start TIMESTAMP WITH TIME ZONE,
    billing_period_end TIMESTAMP WITH TIME ZONE,
    created TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE RESTRICT,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions (tenant_id, id) ON DELETE RESTRICT,
    CHECK (billing_period_end >= billing_period_start)
);

CREATE INDEX idx_payments_subscription ON payments (subscription_id, tenant_id);
CREATE INDEX idx_payments_initiated_by ON payments (initiated_by_user_id);


CREATE TABLE usage_counters (
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    metric VARCHAR(50) NOT NULL,
    period_start DATE NOT NULL,
    used BIGINT NOT NULL DEFAULT 0 CHECK (used >= 0),
    PRIMARY KEY (tenant_id, metric, period_start)
);


-- Stored before any work, by Stripe's own id: an event that comes twice is applied once.
CREATE TABLE stripe_events (
    id VARCHAR(255) PRIMARY KEY,
    type VARCHAR(100) NOT NULL,
    created TIMESTAMP WITH TIME ZONE NOT NULL,
    received TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    processed TIMESTAMP WITH TIME ZONE,
    payload JSONB NOT NULL,
    error TEXT
);

CREATE INDEX idx_stripe_events_unprocessed ON stripe_events (received) WHERE processed IS NULL;


CALL track_updates('plans', 'subscriptions', 'subscription_addons');
