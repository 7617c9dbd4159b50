using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace PenguinMails.Shared.Database;

/// <summary>Registers what the modules reach PostgreSQL with.</summary>
public static class DatabaseServices
{
    private static readonly TenantScopeInterceptor ScopeInterceptor = new();

    /// <summary>Adds the host's pools, the platform role's, the tenant scope and the migrator.</summary>
    public static void AddPenguinMailsDatabase(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DatabaseConnections>();
        builder.Services.AddSingleton<PoolMeters>();
        builder.Services.AddSingleton<ConnectionPools>();
        builder.Services.AddSingleton<PoolInterceptor>();
        builder.Services.AddSingleton(services =>
            new PlatformDatabase(services.GetRequiredService<DatabaseConnections>().For(DatabaseRoles.Platform)));
        builder.Services.AddScoped<TenantScope>();
        builder.Services.AddSingleton<DatabaseMigrator>();
    }

    /// <summary>Adds a module's context: tenant-scoped, not pooled, not retried (a retry would tear own transactions apart).</summary>
    public static void AddModuleDb<TDb>(this IHostApplicationBuilder builder) where TDb : ModuleDb
    {
        builder.Services.AddDbContext<TDb>(
            (services, options) => Configure(options
                .UseNpgsql(services.GetRequiredService<DatabaseConnections>().For(DatabaseRoles.App))
                .AddInterceptors(services.GetRequiredService<PoolInterceptor>())),
            contextLifetime: ServiceLifetime.Scoped,
            optionsLifetime: ServiceLifetime.Singleton);
        builder.Services.AddScoped<PlatformDb<TDb>>();
#if ASPIRE
        builder.EnrichNpgsqlDbContext<TDb>(settings => settings.DisableRetry = true);
#endif
    }

    internal static void Configure(DbContextOptionsBuilder options) => options
        .UseSnakeCaseNamingConvention()
        .AddInterceptors(ScopeInterceptor);
}
