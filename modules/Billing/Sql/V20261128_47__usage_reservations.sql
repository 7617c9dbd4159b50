-- Messages of the month that somebody is about to send: what hosts take at once stays within the plan.
CREATE TABLE usage_reservations (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id UUID NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
    amount INTEGER NOT NULL CHECK (amount > 0),
    expires TIMESTAMP WITH TIME ZONE NOT NULL,
    UNIQUE (tenant_id, id)
);
