-- A subscription cannot be read with an add-on that nobody knows.
ALTER TABLE subscription_addons
    ADD CHECK (addon_type IN ('dedicated_ip', 'extra_emails', 'extra_users', 'extra_domains'));
