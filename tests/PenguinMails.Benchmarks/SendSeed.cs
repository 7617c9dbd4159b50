using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;

namespace PenguinMails.Benchmarks;

/// <summary>Tenants that may send, and their campaigns.</summary>
internal static class SendSeed
{
    /// <summary>A tenant with a verified domain that signs with this key, some mailboxes and so many leads.</summary>
    public static async Task<Guid> TenantAsync(Place place, int leads, string key)
    {
        var tenant = await Seeded.TenantAsync(place, leads);
        var domain = $"d{tenant:N}.example";
        await place.ExecuteAsync($"""
            INSERT INTO companies (tenant_id, name, postal_address) VALUES ('{tenant}', 'Company', 'Street 1');
            INSERT INTO subscriptions (tenant_id, plan_id, status, current_period_start, current_period_end)
            SELECT '{tenant}', id, 'active', now() - interval '1 day', now() + interval '1 month' FROM plans WHERE name = 'Enterprise';
            INSERT INTO domains (tenant_id, company_id, domain, verification_status, dmarc_verified, dkim_key_path)
            SELECT tenant_id, id, '{domain}', 'verified', true, 'mail/dkim/{domain}/pm' FROM companies WHERE tenant_id = '{tenant}';
            INSERT INTO email_accounts (tenant_id, domain_id, email, display_name, provider, daily_limit)
            SELECT tenant_id, id, 'm' || n || '@{domain}', 'Sender', 'smtp', 10000000 FROM domains, generate_series(1, {SendBenchmark.Mailboxes}) n
            WHERE tenant_id = '{tenant}';
            INSERT INTO templates (tenant_id, name, subject, content) VALUES ('{tenant}', 'Template', 'Hello {"{{ first_name | default: \"there\" }}"}',
                '<p>Hi {"{{ first_name | default: \"there\" }}"},</p><p>I saw that {"{{ company }}"} in {"{{ custom.city }}"} is {"{growing|hiring|doing well}"}. We help
                companies such as yours to write to people who want to hear from them.</p><p>Would <a href="https://example.com/more">this</a> be of
                interest?</p><p>{"{{ sender_name }}"}</p>')
            """);
        await using var scope = place.Services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenant);
        await scope.ServiceProvider.GetRequiredService<SecretStore>().SetAsync($"mail/dkim/{domain}/pm", tenant, key, CancellationToken.None);
        await scope.ServiceProvider.GetRequiredService<InfrastructureDb>().SaveChangesAsync();
        return tenant;
    }

    /// <summary>A campaign of one e-mail to all leads of the tenant, that begins now.</summary>
    public static async Task<Guid> LaunchAsync(Place place, Guid tenant)
    {
        var campaign = Guid.CreateVersion7();
        await place.ExecuteAsync($"""
            INSERT INTO campaigns (id, tenant_id, company_id, name, window_start, window_end, window_days, min_gap_seconds)
            SELECT '{campaign}', tenant_id, id, 'Campaign', '00:00', '23:59:59.999999', ARRAY[1, 2, 3, 4, 5, 6, 7], 0 FROM companies WHERE tenant_id = '{tenant}';
            INSERT INTO campaign_email_accounts (tenant_id, campaign_id, email_account_id)
            SELECT tenant_id, '{campaign}', id FROM email_accounts WHERE tenant_id = '{tenant}';
            INSERT INTO campaign_sequence_steps (tenant_id, campaign_id, step_order, step_type, template_id)
            SELECT tenant_id, '{campaign}', 1, 'email', id FROM templates WHERE tenant_id = '{tenant}';
            INSERT INTO campaign_leads (tenant_id, campaign_id, lead_id, next_run) SELECT tenant_id, '{campaign}', id, now() FROM leads WHERE tenant_id = '{tenant}';
            """);
        await place.ExecuteAsync("VACUUM ANALYZE campaign_leads");
        await place.ExecuteAsync("CHECKPOINT");
        await place.ExecuteAsync($"UPDATE campaigns SET status = 'sending', started = clock_timestamp(), next_dispatch = clock_timestamp() WHERE id = '{campaign}'");
        return campaign;
    }
}
