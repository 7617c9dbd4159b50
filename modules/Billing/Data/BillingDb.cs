using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Billing.Data;

internal sealed class BillingDb(DbContextOptions<BillingDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<UsageCounter> UsageCounters => Set<UsageCounter>();

    /// <summary>
    /// The tenant's subscription with its plan: the one in being, else the last that was canceled. Read afresh each time, for
    /// a dispatcher may keep its scope for long.
    /// </summary>
    public Task<Subscription?> CurrentSubscriptionAsync(CancellationToken ct) => Subscriptions
        .AsNoTracking()
        .Include(subscription => subscription.Plan)
        .OrderBy(subscription => subscription.Status == SubscriptionStatus.Canceled)
        .ThenByDescending(subscription => subscription.Id)
        .FirstOrDefaultAsync(ct);

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) =>
        conventions.Properties<SubscriptionStatus>().HaveConversion<SnakeCaseEnumConverter<SubscriptionStatus>>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Plan>().ToTable("plans");
        model.Entity<Subscription>().ToTable("subscriptions").HasOne(subscription => subscription.Plan).WithMany();
        model.Entity<UsageCounter>().ToTable("usage_counters")
            .HasKey(counter => new { counter.TenantId, counter.Metric, counter.PeriodStart });
    }
}
