using Microsoft.EntityFrameworkCore;

namespace PenguinMails.Shared.Database;

/// <summary>A module's view of its own tables, always within a tenant scope.</summary>
public abstract class ModuleDb(DbContextOptions options, TenantScope scope) : DbContext(options)
{
    internal TenantScope Scope => scope;
}
