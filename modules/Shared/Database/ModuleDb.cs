using Microsoft.EntityFrameworkCore;

namespace PenguinMails.Shared.Database;

/// <summary>A module's view of its own tables, always within a tenant scope.</summary>
public abstract class ModuleDb : DbContext
{
    protected ModuleDb(DbContextOptions options, TenantScope scope) : base(options)
    {
        Scope = scope;
        // Nothing here goes on after a failed save: a savepoint would only be two more round trips.
        Database.AutoSavepointsEnabled = false;
    }

    internal TenantScope Scope { get; }

    /// <summary>Lets one at a time go on under this name, on whatever host, until its transaction ends.</summary>
    public Task LockAsync(string name, CancellationToken ct) =>
        Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))", ct);
}
