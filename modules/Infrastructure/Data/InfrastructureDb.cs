using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Blocklists;
using PenguinMails.Infrastructure.Inbound;
using PenguinMails.Infrastructure.Pools;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Infrastructure.Secrets.Vault;
using PenguinMails.Infrastructure.Servers;
using PenguinMails.Infrastructure.Warmup;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Infrastructure.Data;

internal sealed class InfrastructureDb(DbContextOptions<InfrastructureDb> options, TenantScope scope, VaultSaving? vault = null)
    : ModuleDb(options, scope), IDataProtectionKeyContext
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    public DbSet<Domain> Domains => Set<Domain>();
    public DbSet<EmailAccount> EmailAccounts => Set<EmailAccount>();
    public DbSet<MailboxReader> MailboxReaders => Set<MailboxReader>();
    public DbSet<WarmupDay> WarmupDays => Set<WarmupDay>();
    public DbSet<Secret> Secrets => Set<Secret>();

    /// <summary>No tenant's: the keys of the whole platform, shared by all hosts.</summary>
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    /// <summary>The platform's own, read only for tenants.</summary>
    public DbSet<SmtpIpAddress> SmtpIpAddresses => Set<SmtpIpAddress>();
    public DbSet<AddressDay> AddressDays => Set<AddressDay>();

    /// <summary>The platform's own, for its role alone.</summary>
    public DbSet<AddressRecord> AddressRecords => Set<AddressRecord>();

    /// <summary>Read only for tenants.</summary>
    public DbSet<DomainIpAssignment> DomainIpAssignments => Set<DomainIpAssignment>();

    /// <summary>The platform's own, for its role alone.</summary>
    public DbSet<VpsInstance> VpsInstances => Set<VpsInstance>();

    /// <summary>The platform's own.</summary>
    public DbSet<BlocklistState> Blocklists => Set<BlocklistState>();

    /// <summary>The platform's own.</summary>
    public DbSet<ConnectionPool> ConnectionPools => Set<ConnectionPool>();
    public DbSet<PoolSample> PoolSamples => Set<PoolSample>();

    /// <summary>
    /// Locks a domain, and which of its company's is primary, for the rest of the transaction: as it is now, or null when there is none.
    /// </summary>
    public async Task<Domain?> LockDomainAsync(Guid id, CancellationToken ct)
    {
        // Before the row: whoever makes one domain primary writes another's row too.
        await Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock(hashtextextended('domains:' || company_id, 0)) FROM domains WHERE id = {id}", ct);
        return await Domains.FromSql($"SELECT * FROM domains WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(ct);
    }

    /// <summary>Where Vault is configured, secrets among the changes are written to it.</summary>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default) => vault is null
        ? base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken)
        : vault.SaveAsync(this, () => base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken), cancellationToken);

    protected override void OnConfiguring(DbContextOptionsBuilder options)
    {
        if (vault is not null)
        {
            options.AddInterceptors(vault);
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        conventions.Properties<VerificationStatus>().HaveConversion<SnakeCaseEnumConverter<VerificationStatus>>();
        conventions.Properties<AddressStatus>().HaveConversion<SnakeCaseEnumConverter<AddressStatus>>();
        conventions.Properties<ReputationState>().HaveConversion<SnakeCaseEnumConverter<ReputationState>>();
        conventions.Properties<AssignmentStatus>().HaveConversion<SnakeCaseEnumConverter<AssignmentStatus>>();
        conventions.Properties<WarmupState>().HaveConversion<SnakeCaseEnumConverter<WarmupState>>();
        conventions.Properties<VpsStatus>().HaveConversion<SnakeCaseEnumConverter<VpsStatus>>();
        conventions.Properties<MailHosting>().HaveConversion<SnakeCaseEnumConverter<MailHosting>>();
        conventions.Properties<ServerProviderKind>().HaveConversion<SnakeCaseEnumConverter<ServerProviderKind>>();
        conventions.Properties<DecommissionCause>().HaveConversion<SnakeCaseEnumConverter<DecommissionCause>>();
        conventions.Properties<EmailAccountStatus>().HaveConversion<SnakeCaseEnumConverter<EmailAccountStatus>>();
        conventions.Properties<WarmupStatus>().HaveConversion<SnakeCaseEnumConverter<WarmupStatus>>();
    }

    protected override void OnModelCreating(ModelBuilder model)
    {
        MapDomains(model);
        MapMailboxes(model);
        MapAddresses(model);
        MapServers(model);
        MapSecrets(model);
        model.Entity<DataProtectionKey>().ToTable("data_protection_keys");
        model.Entity<ConnectionPool>(pool =>
        {
            pool.ToTable("connection_pool_config");
            pool.Ignore(row => row.Name).Ignore(row => row.Settings).Ignore(row => row.Values);
        });
        model.Entity<PoolSample>(sample =>
        {
            sample.ToTable("connection_pool_metrics").HasKey(row => new { row.Id, row.CollectedAt });
            sample.Property(row => row.Id).ValueGeneratedOnAdd();
        });
    }

    private static void MapDomains(ModelBuilder model) => model.Entity<Domain>(domain =>
    {
        domain.ToTable("domains");
        domain.Ignore(row => row.KeyPaths).Ignore(row => row.RotationObstacle);
        domain.Property(row => row.Name).HasColumnName("domain");
        AsJson(domain.Property(row => row.DnsRecords));
        domain.Property(row => row.Created).ValueGeneratedOnAdd();
    });

    private static void MapSecrets(ModelBuilder model) => model.Entity<Secret>(secret =>
    {
        secret.ToTable("secrets").HasKey(row => row.Path);
        secret.Ignore(row => row.ForVault);
        // Of two who replace a value at once, one has read what is no longer there.
        secret.Property(row => row.Version).IsConcurrencyToken();
    });

    private static void MapServers(ModelBuilder model)
    {
        model.Entity<VpsInstance>(server =>
        {
            server.ToTable("vps_instances").Ignore(row => row.Name).Ignore(row => row.IsUnasked);
            server.Property(row => row.Created).ValueGeneratedOnAdd();
            // Staff, payments and the runs of several hosts change the same row.
            server.Property<uint>("Version").HasColumnName("xmin").HasColumnType("xid").IsRowVersion();
        });
        model.Entity<BlocklistState>().ToTable("blocklists").HasKey(list => list.Name);
        AsJson(model.Entity<Domain>().Property(domain => domain.BlacklistStatus));
    }

    private static void MapMailboxes(ModelBuilder model)
    {
        model.Entity<EmailAccount>(account =>
        {
            account.ToTable("email_accounts");
            AsJson(account.Property(row => row.SmtpSettings));
            AsJson(account.Property(row => row.ImapSettings));
            account.Property(row => row.Created).ValueGeneratedOnAdd();
            account.Ignore(row => row.KnownHealth);
            // What has just been suspended must not be paused or resumed by somebody who read it before.
            account.Property(row => row.Status).IsConcurrencyToken();
            account.HasOne<Domain>().WithMany().HasForeignKey(row => row.DomainId);
        });
        model.Entity<WarmupDay>().ToTable("warmup_log");
        model.Entity<MailboxReader>().ToTable("mailbox_readers").HasKey(reader => new { reader.EmailAccountId, reader.TenantId });
    }

    private static void MapAddresses(ModelBuilder model)
    {
        model.Entity<SmtpIpAddress>(address =>
        {
            address.ToTable("smtp_ip_addresses").Ignore(row => row.Listings);
            address.Property(row => row.StatusSince).ValueGeneratedOnAdd();
            AsJson(address.Property(row => row.ProviderBlacklistStatus));
            address.HasMany(row => row.History).WithOne().HasForeignKey(record => record.SmtpIpAddressId);
        });
        model.Entity<AddressRecord>(record =>
        {
            record.ToTable("ip_reputation_history").Property(row => row.Id).ValueGeneratedNever();
            AsJson(record.Property(row => row.Listings));
        });
        model.Entity<AddressDay>().ToTable("smtp_ip_daily").HasKey(day => new { day.SmtpIpAddressId, day.Day, day.Provider });
        model.Entity<DomainIpAssignment>(place =>
        {
            place.ToTable("domain_ip_assignments");
            place.HasOne<SmtpIpAddress>().WithMany().HasForeignKey(row => row.SmtpIpAddressId);
        });
    }

    // Replaced as a whole, never changed in place.
    private static void AsJson<T>(PropertyBuilder<T> property) => property.HasColumnType("jsonb")
        .HasConversion(
            value => JsonSerializer.Serialize(value, Json),
            json => JsonSerializer.Deserialize<T>(json, Json)!,
            new ValueComparer<T>((left, right) => ReferenceEquals(left, right), value => RuntimeHelpers.GetHashCode(value)));
}
