using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tenancy.Data;

internal sealed class TenancyDb(DbContextOptions<TenancyDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<User> Users => Set<User>();
    public DbSet<UserCredential> Credentials => Set<UserCredential>();
    public DbSet<UserSession> Sessions => Set<UserSession>();
    public DbSet<UserToken> Tokens => Set<UserToken>();
    public DbSet<UserPreferences> Preferences => Set<UserPreferences>();
    public DbSet<Tenant> Tenants => Set<Tenant>();
    public DbSet<Membership> Memberships => Set<Membership>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<TenantConfig> Configs => Set<TenantConfig>();
    public DbSet<TenantPolicies> Policies => Set<TenantPolicies>();
    public DbSet<Company> Companies => Set<Company>();
    public DbSet<CompanyMember> CompanyMembers => Set<CompanyMember>();

    /// <summary>The constraint that a taken slug violates.</summary>
    public const string WorkspaceNameUnique = "companies_workspace_name_key";

    /// <summary>Adds a tenant with its owner, first company, configuration and policies; the caller saves.</summary>
    public Company AddTenant(Membership owner, string name, string? postalAddress)
    {
        var company = Company.Create(owner.TenantId, name, postalAddress, Company.Active);
        Tenants.Add(new Tenant { Id = owner.TenantId, Name = name });
        Memberships.Add(owner);
        Companies.Add(company);
        Configs.Add(new TenantConfig { TenantId = owner.TenantId, BillingEmail = owner.Email });
        Policies.Add(new TenantPolicies { TenantId = owner.TenantId });
        return company;
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<User>().ToTable("users").Property(user => user.Created).ValueGeneratedOnAdd();
        model.Entity<UserCredential>().ToTable("user_credentials").HasKey(credential => credential.UserId);
        model.Entity<UserSession>().ToTable("user_sessions");
        model.Entity<UserToken>().ToTable("user_tokens");
        model.Entity<UserPreferences>().ToTable("user_preferences");
        model.Entity<Tenant>(tenant =>
        {
            tenant.ToTable("tenants");
            // By the seed it may be missing, and staff see every row.
            tenant.Property(row => row.Name).IsRequired(false);
            tenant.Property(row => row.Created).ValueGeneratedOnAdd();
        });
        model.Entity<Invitation>().ToTable("invitations");
        model.Entity<ApiKey>().ToTable("api_keys");
        model.Entity<TenantPolicies>().ToTable("tenant_policies").HasKey(policies => policies.TenantId);
        model.Entity<Company>().ToTable("companies").Property(company => company.Created).ValueGeneratedOnAdd();
        model.Entity<Membership>(membership =>
        {
            membership.ToTable("tenant_users").HasKey(row => new { row.TenantId, row.UserId });
            membership.Property(row => row.Created).ValueGeneratedOnAdd();
        });
        model.Entity<CompanyMember>(member =>
        {
            member.ToTable("company_members").HasKey(row => new { row.CompanyId, row.UserId });
            member.Property(row => row.Created).ValueGeneratedOnAdd();
        });
        model.Entity<TenantConfig>(config =>
        {
            config.ToTable("tenant_config").HasKey(row => row.TenantId);
            config.Property(row => row.BillingAddress).HasColumnType("jsonb").HasConversion(
                address => JsonSerializer.Serialize(address, JsonSerializerOptions.Web),
                json => JsonSerializer.Deserialize<BillingAddress>(json, JsonSerializerOptions.Web));
        });

        // EF orders inserts by foreign keys, so it must know those that matter at sign-up and when somebody joins.
        model.Entity<Membership>().HasOne<Tenant>().WithMany().HasForeignKey(membership => membership.TenantId);
        model.Entity<Membership>().HasOne<User>().WithMany().HasForeignKey(membership => membership.UserId);
        model.Entity<Invitation>().HasOne<User>().WithMany().HasForeignKey(invitation => invitation.AcceptedBy);
        model.Entity<CompanyMember>().HasOne<User>().WithMany().HasForeignKey(member => member.UserId);
        model.Entity<UserCredential>().HasOne<User>().WithOne().HasForeignKey<UserCredential>(credential => credential.UserId);
        model.Entity<UserPreferences>().HasOne<User>().WithOne().HasForeignKey<UserPreferences>(preferences => preferences.UserId);
        model.Entity<TenantConfig>().HasOne<Tenant>().WithOne().HasForeignKey<TenantConfig>(config => config.TenantId);
        model.Entity<TenantPolicies>().HasOne<Tenant>().WithOne().HasForeignKey<TenantPolicies>(policies => policies.TenantId);
        model.Entity<Company>().HasOne<Tenant>().WithMany().HasForeignKey(company => company.TenantId);
    }
}
