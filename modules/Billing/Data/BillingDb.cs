using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Billing.Data;

internal sealed class BillingDb(DbContextOptions<BillingDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<SubscriptionAddon> Addons => Set<SubscriptionAddon>();
    public DbSet<UsageCounter> UsageCounters => Set<UsageCounter>();
    public DbSet<UsageReservation> Reservations => Set<UsageReservation>();
    public DbSet<UsageAlert> UsageAlerts => Set<UsageAlert>();

    /// <summary>
    /// The tenant's subscription with its plan and add-ons: the one in being, else the last that was canceled. Read afresh each time, for
    /// a dispatcher may keep its scope for long.
    /// </summary>
    public Task<Subscription?> CurrentSubscriptionAsync(CancellationToken ct) => Subscriptions
        .AsNoTracking()
        .Include(subscription => subscription.Plan)
        .Include(subscription => subscription.Addons)
        .OrderBy(subscription => subscription.Status == SubscriptionStatus.Canceled)
        .ThenByDescending(subscription => subscription.Id)
        .FirstOrDefaultAsync(ct);

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<SubscriptionStatus>().HaveConversion<SnakeCaseEnumConverter<SubscriptionStatus>>();
        conventions.Properties<PlanLimit>().HaveConversion<SnakeCaseEnumConverter<PlanLimit>>();
        conventions.Properties<AddonType>().HaveConversion<SnakeCaseEnumConverter<AddonType>>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Plan>().ToTable("plans");
        model.Entity<Subscription>().ToTable("subscriptions").HasOne(subscription => subscription.Plan).WithMany();
        model.Entity<Subscription>().HasMany(subscription => subscription.Addons).WithOne().HasForeignKey(addon => addon.SubscriptionId);
        model.Entity<SubscriptionAddon>().ToTable("subscription_addons");
        model.Entity<UsageReservation>().ToTable("usage_reservations");
        model.Entity<UsageAlert>().ToTable("usage_alerts").HasKey(alert => new { alert.TenantId, alert.Metric });
        model.Entity<UsageCounter>().ToTable("usage_counters")
            .HasKey(counter => new { counter.TenantId, counter.Metric, counter.PeriodStart });
    }
}
