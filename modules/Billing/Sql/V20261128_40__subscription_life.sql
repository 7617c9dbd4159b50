-- What a subscription needs to move by itself: by time, by Stripe's events, and with word of it to the other modules.

ALTER TABLE subscriptions
    ADD COLUMN billing_interval VARCHAR(10) NOT NULL DEFAULT 'month' CHECK (billing_interval IN ('month', 'year')),
    -- Of the newest of Stripe's events, or of its answers, that it stands as: what is older changes nothing any more.
    ADD COLUMN stripe_applied TIMESTAMP WITH TIME ZONE,
    -- The status that the other modules have been told of. It differs from the status until they have: a crash loses no change.
    ADD COLUMN told_status VARCHAR(50) NOT NULL DEFAULT 'active' CHECK (told_status IN ('active', 'past_due', 'canceled', 'unpaid')),
    -- When the tenant of a canceled one was handed over to be purged; who restores it has decided otherwise.
    ADD COLUMN purge_handed TIMESTAMP WITH TIME ZONE;

CREATE INDEX idx_subscriptions_past_due ON subscriptions (past_due_since) WHERE status = 'past_due';
CREATE INDEX idx_subscriptions_untold ON subscriptions (tenant_id) WHERE status <> told_status;
CREATE INDEX idx_subscriptions_canceled ON subscriptions (canceled) WHERE status = 'canceled' AND purge_handed IS NULL;

-- What is sold is never changed under who bought it: a change of terms is a new row, and the old one names it.
ALTER TABLE plans
    ADD COLUMN version INTEGER NOT NULL DEFAULT 1 CHECK (version > 0),
    ADD COLUMN replaced_by UUID REFERENCES plans(id),
    ADD COLUMN stripe_price_monthly VARCHAR(255) UNIQUE,
    ADD COLUMN stripe_price_yearly VARCHAR(255) UNIQUE;

CREATE INDEX idx_plans_replaced_by ON plans (replaced_by);

ALTER TABLE subscription_addons
    ADD CHECK (addon_type IN ('dedicated_ip', 'extra_emails', 'extra_users', 'extra_domains'));

CREATE UNIQUE INDEX subscription_addons_type_unique ON subscription_addons (tenant_id, subscription_id, addon_type) WHERE is_active;

ALTER TABLE payments
    ADD COLUMN stripe_invoice_id VARCHAR(255) UNIQUE,
    ADD COLUMN refunded_amount DECIMAL(10,2) NOT NULL DEFAULT 0 CHECK (refunded_amount BETWEEN 0 AND amount),
    ADD COLUMN receipt_url TEXT;

ALTER TABLE stripe_events
    ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    ADD COLUMN next_attempt TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW();

DROP INDEX idx_stripe_events_unprocessed;
CREATE INDEX idx_stripe_events_unprocessed ON stripe_events (next_attempt) WHERE processed IS NULL;


-- The local provider's checkouts; the newest complete one has the card that renewals are charged to. Test cards only.
CREATE TABLE local_checkouts (
    id UUID PRIMARY KEY,
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    plan_id UUID NOT NULL REFERENCES plans(id),
    billing_interval VARCHAR(10) NOT NULL CHECK (billing_interval IN ('month', 'year')),
    card VARCHAR(20) CHECK (card IN ('success', 'decline', 'decline_later', 'needs_action')),
    created TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT NOW(),
    completed TIMESTAMP WITH TIME ZONE,
    UNIQUE (tenant_id, id)
);

CREATE INDEX idx_local_checkouts_plan ON local_checkouts (plan_id);
