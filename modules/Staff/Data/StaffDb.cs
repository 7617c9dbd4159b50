using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Staff.Data;

internal sealed class StaffDb(DbContextOptions<StaffDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<SystemNotification> Notifications => Set<SystemNotification>();
    public DbSet<StaffMember> Members => Set<StaffMember>();
    public DbSet<FeatureFlag> FeatureFlags => Set<FeatureFlag>();
    public DbSet<FeatureFlagOverride> FeatureFlagOverrides => Set<FeatureFlagOverride>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<SystemNotification>().ToTable("system_notifications");
        model.Entity<StaffMember>().ToTable("staff_members").HasKey(member => member.UserId);
        model.Entity<FeatureFlag>().ToTable("feature_flags");
        model.Entity<FeatureFlagOverride>().ToTable("feature_flag_overrides").HasKey(own => new { own.TenantId, own.FeatureFlagId });
    }
}
