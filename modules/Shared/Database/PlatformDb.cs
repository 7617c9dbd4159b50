using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace PenguinMails.Shared.Database;

/// <summary>A module's own context under the role that sees all tenants: what staff read and write.</summary>
public sealed class PlatformDb<TDb>(PlatformDatabase platform, IServiceProvider services) where TDb : ModuleDb
{
    /// <summary>Opens it; the caller disposes of it.</summary>
    /// <param name="purpose">A constant, which is counted, such as <c>staff.tenants</c>.</param>
    public TDb Open(string purpose)
    {
        var options = new DbContextOptionsBuilder<TDb>();
        DatabaseServices.Configure(options.UseNpgsql(platform.Use(purpose)));
        return ActivatorUtilities.CreateInstance<TDb>(services, options.Options);
    }
}
