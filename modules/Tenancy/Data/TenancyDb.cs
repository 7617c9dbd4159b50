using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tenancy.Data;

internal sealed class TenancyDb(DbContextOptions<TenancyDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<User> Users => Set<User>();
    public DbSet<UserCredential> Credentials => Set<UserCredential>();
    public DbSet<UserSession> Sessions => Set<UserSession>();
    public DbSet<UserPreferences> Preferences => Set<UserPreferences>();
    public DbSet<Tenant> Tenants => Set<Tenant>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<TenantConfig> Configs => Set<TenantConfig>();
    public DbSet<TenantPolicies> Policies => Set<TenantPolicies>();
    public DbSet<Company> Companies => Set<Company>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<User>().ToTable("users");
        model.Entity<UserCredential>().ToTable("user_credentials").HasKey(credential => credential.UserId);
        model.Entity<UserSession>().ToTable("user_sessions");
        model.Entity<UserPreferences>().ToTable("user_preferences");
        model.Entity<Tenant>().ToTable("tenants");
        model.Entity<Membership>().ToTable("tenant_users").HasKey(membership => new { membership.TenantId, membership.UserId });
        model.Entity<TenantConfig>().ToTable("tenant_config").HasKey(config => config.TenantId);
        model.Entity<TenantPolicies>().ToTable("tenant_policies").HasKey(policies => policies.TenantId);
        model.Entity<Company>().ToTable("companies").Property(company => company.Created).ValueGeneratedOnAdd();

        // EF orders inserts by foreign keys, so it must know those that matter at sign-up.
        model.Entity<Membership>().HasOne<Tenant>().WithMany().HasForeignKey(membership => membership.TenantId);
        model.Entity<Membership>().HasOne<User>().WithMany().HasForeignKey(membership => membership.UserId);
        model.Entity<UserCredential>().HasOne<User>().WithOne().HasForeignKey<UserCredential>(credential => credential.UserId);
        model.Entity<UserPreferences>().HasOne<User>().WithOne().HasForeignKey<UserPreferences>(preferences => preferences.UserId);
        model.Entity<UserSession>().HasOne<User>().WithMany().HasForeignKey(session => session.UserId);
        model.Entity<TenantConfig>().HasOne<Tenant>().WithOne().HasForeignKey<TenantConfig>(config => config.TenantId);
        model.Entity<TenantPolicies>().HasOne<Tenant>().WithOne().HasForeignKey<TenantPolicies>(policies => policies.TenantId);
        model.Entity<Company>().HasOne<Tenant>().WithMany().HasForeignKey(company => company.TenantId);
    }
}
