GRANT SELECT ON plans TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON subscriptions, subscription_addons, usage_counters, local_checkouts TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE ON payments TO penguinmails_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON plans, stripe_events TO penguinmails_platform;
GRANT SELECT ON subscriptions, subscription_addons, payments, usage_counters, local_checkouts TO penguinmails_platform;

CALL protect_tenant_table('subscriptions', 'subscriptions_tenant_isolation');
CALL protect_tenant_table('subscription_addons', 'subscription_addons_tenant_isolation');
CALL protect_tenant_table('payments', 'payments_tenant_isolation');
CALL protect_tenant_table('usage_counters', 'usage_counters_tenant_isolation');
CALL protect_tenant_table('local_checkouts', 'local_checkouts_tenant_isolation');

-- Events come before their tenant is known, and only the platform handles them.
CALL force_rls('stripe_events');
CALL admit_role('stripe_events', 'penguinmails_platform', 'platform', 'ALL');

-- What is about to be used, and what tenants were told of it.
GRANT SELECT, INSERT, UPDATE, DELETE ON usage_reservations, usage_alerts TO penguinmails_app;
GRANT SELECT ON usage_reservations, usage_alerts TO penguinmails_platform;
CALL protect_tenant_table('usage_reservations', 'usage_reservations_tenant_isolation');
CALL protect_tenant_table('usage_alerts', 'usage_alerts_tenant_isolation');
