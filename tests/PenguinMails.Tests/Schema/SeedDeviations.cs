namespace PenguinMails.Tests.Schema;

/// <summary>Where the migrated database is knowingly not as the seed has it, and why.</summary>
internal static class SeedDeviations
{
    public static readonly IReadOnlyList<string> All =
    [
        // A column that a table is partitioned by must be in its key.
        "constraint connection_pool_metrics_pkey of connection_pool_metrics: PRIMARY KEY (id) -> PRIMARY KEY (id, collected_at)",
        "constraint security_events_pkey of security_events: PRIMARY KEY (id) -> PRIMARY KEY (id, created)",

        // Payments are kept for seven years: they do not go with their subscription.
        "constraint payments_subscription_id_fkey of payments: FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE CASCADE"
            + " -> FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT",

        // Settings go with their tenant or user, whose deletion the seed's keys block.
        .. OnDelete(
            "CASCADE",
            ("tenant_config_tenant_id_fkey of tenant_config", "FOREIGN KEY (tenant_id) REFERENCES tenants(id)"),
            ("tenant_policies_tenant_id_fkey of tenant_policies", "FOREIGN KEY (tenant_id) REFERENCES tenants(id)"),
            ("user_preferences_user_id_fkey of user_preferences", "FOREIGN KEY (user_id) REFERENCES users(id)")),

        // What outlives a tenant or user loses the reference; the seed's keys block the deletion.
        .. OnDelete(
            "SET NULL",
            ("feature_flags_updated_by_fkey of feature_flags", "FOREIGN KEY (updated_by) REFERENCES users(id)"),
            ("payments_initiated_by_user_id_fkey of payments", "FOREIGN KEY (initiated_by_user_id) REFERENCES users(id)"),
            ("security_events_tenant_id_fkey of security_events", "FOREIGN KEY (tenant_id) REFERENCES tenants(id)"),
            ("security_events_user_id_fkey of security_events", "FOREIGN KEY (user_id) REFERENCES users(id)"),
            ("subscriptions_billing_contact_user_id_fkey of subscriptions", "FOREIGN KEY (billing_contact_user_id) REFERENCES users(id)"),
            ("system_config_updated_by_fkey of system_config", "FOREIGN KEY (updated_by) REFERENCES users(id)")),

        // An unset variable was an error and an empty one failed the cast: both mean nobody now.
        .. Conditions(
            "tenant_id",
            "app.current_tenant_id",
            "campaigns_tenant_isolation of campaigns",
            "companies_tenant_isolation of companies",
            "domains_tenant_isolation of domains",
            "email_accounts_tenant_isolation of email_accounts",
            "leads_tenant_isolation of leads",
            "templates_tenant_isolation of templates",
            "tenant_config_isolation of tenant_config",
            "tenant_policies_isolation of tenant_policies"),
        .. Conditions("user_id", "app.current_user_id", "user_preferences_isolation of user_preferences"),

        // NULL passed the check of these words: a row that says nothing is at the beginning.
        .. Defaults(
            ("campaigns.status", "draft"),
            ("domain_ip_assignments.status", "scheduled"),
            ("domain_ip_assignments.warmup_state", "unwarmed"),
            ("schema_documentation_status.sync_status", "needs_update"),
            ("security_events.severity", "low"),
            ("smtp_ip_addresses.reputation_state", "good"),
            ("smtp_ip_addresses.status", "available"),
            ("subscriptions.status", "unpaid"),
            ("vps_instances.status", "provisioning")),

        // Stricter than the seed: NULL passed a check, belonged to nobody, or meant the default.
        .. NotNull(
            "campaign_sequence_steps.executed_count", "campaign_sequence_steps.is_active", "campaign_sequence_steps.step_type",
            "campaigns.status",
            "companies.status", "companies.tenant_id",
            "connection_pool_config.acquire_timeout_seconds", "connection_pool_config.connection_timeout_seconds",
            "connection_pool_config.idle_timeout_seconds", "connection_pool_config.is_active",
            "connection_pool_config.leak_detection_threshold_seconds", "connection_pool_config.max_connections",
            "connection_pool_config.max_lifetime_seconds", "connection_pool_config.min_connections", "connection_pool_config.tier",
            "connection_pool_metrics.collected_at",
            "domain_ip_assignments.status", "domain_ip_assignments.warmup_state",
            "domains.is_primary", "domains.verification_status",
            "email_accounts.daily_count", "email_accounts.provider", "email_accounts.status",
            "feature_flags.is_enabled", "feature_flags.rollout_percentage",
            "leads.status",
            "payments.currency",
            "plans.is_active",
            "schema_documentation_status.sync_status",
            "security_events.created", "security_events.severity",
            "smtp_ip_addresses.assigned_count", "smtp_ip_addresses.reputation_state", "smtp_ip_addresses.status",
            "staff_members.role_id",
            "subscription_addons.quantity",
            "subscriptions.cancel_at_period_end", "subscriptions.plan_id", "subscriptions.status", "subscriptions.tenant_id",
            "system_config.is_sensitive",
            "tags.is_default",
            "templates.is_started",
            "tenant_policies.company_allow_member_invites", "tenant_policies.company_auto_approve_members",
            "tenant_policies.company_default_status", "tenant_policies.company_require_email_verification",
            "tenant_policies.max_login_attempts", "tenant_policies.password_min_length", "tenant_policies.password_require_numbers",
            "tenant_policies.password_require_symbols", "tenant_policies.password_require_uppercase",
            "tenant_policies.session_timeout_hours", "tenant_policies.two_factor_required",
            "tenant_users.roles",
            "user_preferences.user_id",
            "vps_instances.status"),
    ];

    private static IEnumerable<string> OnDelete(string action, params (string Name, string Key)[] keys) =>
        keys.Select(key => $"constraint {key.Name}: {key.Key} -> {key.Key} ON DELETE {action}");

    private static IEnumerable<string> Conditions(string column, string setting, params string[] policies) => policies.Select(policy =>
        $"condition of policy {policy}: ({column} = (current_setting('{setting}'::text))::uuid)"
        + $" -> ({column} = (NULLIF(current_setting('{setting}'::text, true), ''::text))::uuid)");

    private static IEnumerable<string> Defaults(params (string Column, string Word)[] defaults) =>
        defaults.Select(given => $"default of {given.Column}: none -> '{given.Word}'::character varying");

    private static IEnumerable<string> NotNull(params string[] columns) => columns.Select(column => $"nullability of {column}: NULL -> NOT NULL");
}
