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
    public DbSet<Payment> Payments => Set<Payment>();
    public DbSet<UsageCounter> UsageCounters => Set<UsageCounter>();
    public DbSet<LocalCheckout> LocalCheckouts => Set<LocalCheckout>();
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

    /// <summary>The tenant's subscription that is not canceled, to be changed.</summary>
    public Task<Subscription?> LiveSubscriptionAsync(CancellationToken ct) => Subscriptions
        .Include(subscription => subscription.Plan)
        .Include(subscription => subscription.Addons)
        .SingleOrDefaultAsync(subscription => subscription.Status != SubscriptionStatus.Canceled, ct);

    /// <summary>
    /// Saves what was done with a subscription. At Stripe it is done, whatever becomes of the request; and where its events came before us,
    /// what they say stays.
    /// </summary>
    /// <returns>False where there is such a thing already: nothing is done then.</returns>
    /// <exception cref="DbUpdateConcurrencyException">Somebody else has changed it: nothing is done then.</exception>
    public async Task<bool> SaveDoneAsync(Subscription live, CancellationToken ct)
    {
        if (!live.IsAtStripe)
        {
            return await this.SaveUniqueAsync(ct) is null;
        }

        if (!await SaveFirstAsync(CancellationToken.None))
        {
            ChangeTracker.Clear();
        }

        return true;
    }

    /// <returns>False where another was first, with the same or with what was read: nothing is saved then.</returns>
    public async Task<bool> SaveFirstAsync(CancellationToken ct)
    {
        try
        {
            return await this.SaveUniqueAsync(ct) is null;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
    }

    /// <summary>Another plan is pending, or none, whatever Stripe's events have changed meanwhile.</summary>
    public Task SetPendingAsync(Subscription live, Guid? plan) => Subscriptions.Where(row => row.Id == live.Id)
        .ExecuteUpdateAsync(set => set.SetProperty(row => row.PendingPlanId, plan), CancellationToken.None);

    /// <summary>Messages of the tenant that a server accepted in a month.</summary>
    public Task<long> EmailsSentAsync(UsageMonth month, CancellationToken ct) => UsageCounters
        .Where(counter => counter.Metric == UsageCounter.Emails && counter.PeriodStart == month.First)
        .Select(counter => counter.Used)
        .SingleOrDefaultAsync(ct);

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<SubscriptionStatus>().HaveConversion<SnakeCaseEnumConverter<SubscriptionStatus>>();
        conventions.Properties<BillingInterval>().HaveConversion<SnakeCaseEnumConverter<BillingInterval>>();
        conventions.Properties<PlanLimit>().HaveConversion<SnakeCaseEnumConverter<PlanLimit>>();
        conventions.Properties<AddonType>().HaveConversion<SnakeCaseEnumConverter<AddonType>>();
        conventions.Properties<PaymentStatus>().HaveConversion<SnakeCaseEnumConverter<PaymentStatus>>();
        conventions.Properties<TestCard>().HaveConversion<SnakeCaseEnumConverter<TestCard>>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Plan>().ToTable("plans");
        var subscription = model.Entity<Subscription>().ToTable("subscriptions");
        subscription.HasOne(row => row.Plan).WithMany();
        subscription.HasMany(row => row.Addons).WithOne().HasForeignKey(addon => addon.SubscriptionId);
        subscription.Property(row => row.Version).IsRowVersion();
        // Of two who change how many there are, one would pay for what the other has bought.
        model.Entity<SubscriptionAddon>().ToTable("subscription_addons").Property(row => row.Quantity).IsConcurrencyToken();
        // What is paid or paid back must not be written over by who read it before.
        model.Entity<Payment>().ToTable("payments").Property(payment => payment.Status).IsConcurrencyToken();
        // Both may be new: what is paid for is written first.
        model.Entity<Payment>().HasOne<Subscription>().WithMany().HasForeignKey(payment => payment.SubscriptionId);
        model.Entity<LocalCheckout>().ToTable("local_checkouts").Property(row => row.Completed).IsConcurrencyToken();
        model.Entity<UsageReservation>().ToTable("usage_reservations");
        model.Entity<UsageAlert>().ToTable("usage_alerts").HasKey(alert => new { alert.TenantId, alert.Metric });
        model.Entity<UsageCounter>().ToTable("usage_counters")
            .HasKey(counter => new { counter.TenantId, counter.Metric, counter.PeriodStart });
    }
}
