using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using PenguinMails.Campaigns;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Host;
using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tests.Infrastructure;
using StackExchange.Redis;

namespace PenguinMails.Tests.Campaigns;

/// <summary>All modules over a database of a test class's own, with a sink that takes everything and a clock that is set by hand: days pass in seconds.</summary>
internal sealed class SendingWorld : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly MailSink _sink;
    private readonly DatabaseConnections _connections;

    private SendingWorld(ServiceProvider services, MailSink sink, DatabaseConnections connections, OwnClock clock) =>
        (_services, _sink, _connections, Clock) = (services, sink, connections, clock);

    public OwnClock Clock { get; }

    public static SendingWorld Start(HostFixture host, OwnDatabase database)
    {
        var sink = MailSink.Start(new MailSinkOptions { OnMessage = (_, _, _) => ValueTask.FromResult(SmtpReply.Ok) });
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder(
            new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Mail:Host"] = "127.0.0.1", ["Mail:Port"] = $"{sink.Port}", ["Outbound:AllowedNetworks:0"] = "127.0.0.0/8",
            // Nothing but the engine itself changes what it waits for.
            ["Sending:LookSeconds"] = "3600", ["Sending:BatchSize"] = "7",
        });
        builder.AddPenguinMailsDatabase();
        // Sending begins on a Monday, in a month whose partitions are there.
        var today = TimeProvider.System.GetUtcNow().Date;
        var clock = new OwnClock { Now = new DateTimeOffset(today.AddDays(8 - (int)today.DayOfWeek), TimeSpan.Zero).AddHours(7) };
        builder.Services.AddSingleton(database.Connections).AddSingleton<TimeProvider>(clock)
            .AddSingleton(host.Services.GetRequiredService<IConnectionMultiplexer>())
            .AddMediatR(options => options.RegisterServicesFromAssemblies([.. Modules.Assemblies]));
        foreach (var module in Modules.InOrder)
        {
            module.Register(builder);
        }

        return new SendingWorld(builder.Services.BuildServiceProvider(), sink, database.Connections, clock);
    }

    public async Task<int> ExecuteAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = new NpgsqlConnection(_connections.Administrator);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>A tenant with a company, a subscription, mailboxes that send so much a day, and leads.</summary>
    public async Task<WorldTenant> ATenantAsync(IReadOnlyList<int> dailyLimits, int leads, CancellationToken ct)
    {
        var tenant = new WorldTenant(
            Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), [.. dailyLimits.Select(_ => Guid.CreateVersion7())],
            [.. Enumerable.Range(0, leads).Select(_ => Guid.CreateVersion7())]);
        var domain = Guid.CreateVersion7();
        await ExecuteAsync("INSERT INTO tenants (id, name) VALUES ($1, 'T')", ct, tenant.Id);
        await ExecuteAsync("INSERT INTO companies (id, tenant_id, name, postal_address) VALUES ($1, $2, 'C', 'Street 1')", ct, tenant.CompanyId, tenant.Id);
        await ExecuteAsync("""
            INSERT INTO subscriptions (tenant_id, plan_id, status, current_period_start, current_period_end)
            SELECT $1, id, 'active', now() - interval '1 day', now() + interval '1 year' FROM plans WHERE name = 'Business'
            """, ct, tenant.Id);
        await ExecuteAsync("INSERT INTO domains (id, tenant_id, company_id, domain, verification_status, dmarc_verified) VALUES ($1, $2, $3, $4, 'verified', true)",
            ct, domain, tenant.Id, tenant.CompanyId, $"d{domain:N}.example");
        await ExecuteAsync("INSERT INTO templates (id, tenant_id, name, subject, content) VALUES ($1, $2, 'T', 'Hello', '<p>Hi</p>')", ct, tenant.TemplateId, tenant.Id);
        foreach (var (mailbox, limit) in tenant.Mailboxes.Zip(dailyLimits))
        {
            await ExecuteAsync("INSERT INTO email_accounts (id, tenant_id, domain_id, email, provider, daily_limit) VALUES ($1, $2, $3, $4, 'smtp', $5)",
                ct, mailbox, tenant.Id, domain, $"m{mailbox:N}@d{domain:N}.example", limit);
        }

        await ExecuteAsync("INSERT INTO leads (id, tenant_id, email) SELECT id, $1, 'l' || replace(id::text, '-', '') || '@recipient.example' FROM unnest($2) AS lead (id)",
            ct, tenant.Id, tenant.Leads.ToArray());
        return tenant;
    }

    /// <summary>Puts a campaign there as if it had just been launched.</summary>
    public async Task LaunchAsync(Campaign campaign, IEnumerable<Guid> mailboxes, IReadOnlyCollection<SequenceStep> steps, IEnumerable<Guid> leads, CancellationToken ct)
    {
        campaign.Launch(Clock.Now);
        await using var scope = Scope(campaign.TenantId);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        db.Add(campaign);
        db.AddRange(steps);
        db.AddRange(mailboxes.Select(id => new CampaignMailbox { TenantId = campaign.TenantId, CampaignId = campaign.Id, EmailAccountId = id }));
        await db.SaveChangesAsync(ct);
        await ExecuteAsync("INSERT INTO campaign_leads (tenant_id, campaign_id, lead_id, next_run) SELECT $1, $2, id, $3 FROM unnest($4) AS lead (id)",
            ct, campaign.TenantId, campaign.Id, Clock.Now, leads.ToArray());
    }

    /// <summary>Runs what is due, then lets the time pass until something is, until no campaign sends any more.</summary>
    /// <returns>How often it looked.</returns>
    public async Task<int> RunAsync(int most, CancellationToken ct)
    {
        for (var looks = 0; looks < most;)
        {
            var open = await OpenAsync(ct);
            if (open.Count == 0)
            {
                return looks;
            }

            var due = open.Where(campaign => campaign.NextDispatch <= Clock.Now).ToList();
            Clock.Now = due.Count == 0 ? open.Min(campaign => campaign.NextDispatch) : Clock.Now;
            foreach (var campaign in due)
            {
                looks++;
                await using var scope = Scope(campaign.TenantId);
                await scope.ServiceProvider.GetRequiredService<CampaignBatch>().RunAsync(campaign.Id, ct);
            }
        }

        return most;
    }

    /// <summary>All messages of the tenant, in the order they were sent.</summary>
    public async Task<IReadOnlyList<EmailMessage>> MessagesAsync(WorldTenant tenant, CancellationToken ct)
    {
        await using var scope = Scope(tenant.Id);
        return await scope.ServiceProvider.GetRequiredService<CampaignsDb>().Messages.AsNoTracking().OrderBy(message => message.Sent).ToListAsync(ct);
    }

    public async Task<IReadOnlyList<Enrollment>> EnrollmentsAsync(WorldTenant tenant, CancellationToken ct)
    {
        await using var scope = Scope(tenant.Id);
        return await scope.ServiceProvider.GetRequiredService<CampaignsDb>().Enrollments.AsNoTracking().ToListAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _sink.DisposeAsync();
    }

    private AsyncServiceScope Scope(Guid tenantId) => _services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenantId);

    private async Task<List<(Guid TenantId, Guid Id, DateTimeOffset NextDispatch)>> OpenAsync(CancellationToken ct)
    {
        await using var connection = new NpgsqlConnection(_connections.Administrator);
        await connection.OpenAsync(ct);
        await using var command = new NpgsqlCommand("SELECT tenant_id, id, next_dispatch FROM campaigns WHERE status = 'sending' ORDER BY next_dispatch", connection);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var open = new List<(Guid, Guid, DateTimeOffset)>();
        while (await reader.ReadAsync(ct))
        {
            open.Add((reader.GetGuid(0), reader.GetGuid(1), await reader.GetFieldValueAsync<DateTimeOffset>(2, ct)));
        }

        return open;
    }
}

internal sealed record WorldTenant(Guid Id, Guid CompanyId, Guid TemplateId, IReadOnlyList<Guid> Mailboxes, IReadOnlyList<Guid> Leads);
