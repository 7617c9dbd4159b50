using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;

namespace PenguinMails.Security.Data;

internal sealed class SecurityDb(DbContextOptions<SecurityDb> options, TenantScope scope) : ModuleDb(options, scope)
{
    public DbSet<SecurityEvent> Events => Set<SecurityEvent>();

    protected override void OnModelCreating(ModelBuilder model) => model.Entity<SecurityEvent>(occurred =>
    {
        occurred.ToTable("security_events");
        occurred.Property(row => row.Metadata).HasColumnType("jsonb");
    });
}
