using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;

namespace PenguinMails.Benchmarks;

/// <summary>Tenants with many leads, made by the database itself.</summary>
internal static class Seeded
{
    /// <summary>A tenant of so many leads: lead n is a hash of n at one of many companies.</summary>
    public static async Task<Guid> TenantAsync(Place place, int leads)
    {
        var tenant = Guid.CreateVersion7();
        await place.ExecuteAsync($"INSERT INTO tenants (id, name) VALUES ('{tenant}', 'Seeded')");
        await LeadsAsync(place, tenant, leads);
        return tenant;
    }

    /// <summary>So many leads of a tenant's that is there.</summary>
    public static Task LeadsAsync(Place place, Guid tenant, int leads) => place.ExecuteAsync($"""
            INSERT INTO leads (tenant_id, email, name, company, attributes)
            SELECT '{tenant}', md5(n::text) || '@company' || n % 5000 || '.example', 'Name ' || md5('n' || n), 'Company ' || n % 5000,
                jsonb_build_object('city', 'City ' || n % 500)
            FROM generate_series(1, {leads}) n
            """);

    /// <summary>The module's context without a tenant scope, as the administrator, whom no policy binds.</summary>
    public static CampaignsDb WithoutPolicies(Place place) => new(
        new DbContextOptionsBuilder<CampaignsDb>().UseNpgsql(Unreset(place.Administrator)).UseSnakeCaseNamingConvention().Options, new TenantScope());

    // As the host's own connections are: otherwise the baseline alone would pay for a reset.
    private static string Unreset(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { NoResetOnClose = true }.ConnectionString;

    /// <summary>How long it takes, in milliseconds.</summary>
    public static async Task<double> TimeAsync(Func<Task> work)
    {
        var start = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
