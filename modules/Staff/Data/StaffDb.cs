using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Staff.Data;

internal sealed class StaffDb(DbContextOptions<StaffDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<SystemNotification> Notifications => Set<SystemNotification>();
    public DbSet<StaffMember> Members => Set<StaffMember>();
    public DbSet<StaffRole> Roles => Set<StaffRole>();
    public DbSet<Permission> Permissions => Set<Permission>();
    public DbSet<StaffRolePermission> RolePermissions => Set<StaffRolePermission>();
    public DbSet<StaffElevation> Elevations => Set<StaffElevation>();
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();
    public DbSet<SystemSetting> Settings => Set<SystemSetting>();
    public DbSet<FeatureFlag> FeatureFlags => Set<FeatureFlag>();
    public DbSet<FeatureFlagOverride> FeatureFlagOverrides => Set<FeatureFlagOverride>();
    public DbSet<SchemaDocument> SchemaDocuments => Set<SchemaDocument>();

    /// <summary>For the audit log: what of a row is about to be saved, as <c>old -> new</c>.</summary>
    public IReadOnlyDictionary<string, string?> ChangesOf(object row) => Entry(row).Properties
        .Where(property => property.IsModified)
        .ToDictionary(property => property.Metadata.GetColumnName(), property => (string?)$"{property.OriginalValue} -> {property.CurrentValue}");

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<SystemNotification>().ToTable("system_notifications");
        model.Entity<StaffRole>().ToTable("staff_roles");
        model.Entity<Permission>().ToTable("permissions");
        model.Entity<StaffRolePermission>().ToTable("staff_role_permissions").HasKey(row => new { row.RoleId, row.PermissionId });
        model.Entity<StaffElevation>().ToTable("staff_elevations");
        model.Entity<AuditEntry>().ToTable("audit_log").Property(entry => entry.Metadata).HasColumnType("jsonb");
        model.Entity<StaffMember>(member =>
        {
            member.ToTable("staff_members").HasKey(row => row.UserId);
            member.Property(row => row.Created).ValueGeneratedOnAdd();
        });
        model.Entity<SystemSetting>(setting =>
        {
            setting.ToTable("system_config").HasKey(row => row.Key);
            setting.Property(row => row.Value).HasColumnType("jsonb");
            setting.Property(row => row.ValueType).HasConversion<SnakeCaseEnumConverter<SettingType>>();
            setting.Property(row => row.Updated).ValueGeneratedOnAddOrUpdate();
        });
        model.Entity<FeatureFlag>().ToTable("feature_flags").Property(flag => flag.Updated).ValueGeneratedOnAddOrUpdate();
        model.Entity<FeatureFlagOverride>(own =>
        {
            own.ToTable("feature_flag_overrides").HasKey(row => new { row.TenantId, row.FeatureFlagId });
            own.Property(row => row.Updated).ValueGeneratedOnAddOrUpdate();
        });
        model.Entity<SchemaDocument>(document =>
        {
            document.ToTable("schema_documentation_status").HasKey(row => row.DocumentName);
            document.Property(row => row.SyncStatus).HasConversion<SnakeCaseEnumConverter<SyncStatus>>();
        });
    }
}
