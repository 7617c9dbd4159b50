using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using PenguinMails.Shared.Jobs;

namespace PenguinMails.Shared;

/// <summary>A business module: what it registers and the jobs that recur in it.</summary>
public abstract class Module
{
    /// <summary>The assembly that holds the module's endpoints, handlers and SQL.</summary>
    public Assembly Assembly => GetType().Assembly;

    /// <summary>The module's recurring jobs; their ids are unique in the whole platform.</summary>
    public virtual IReadOnlyList<RecurringJob> Jobs => [];

    /// <summary>Adds the module's services.</summary>
    public abstract void Register(IHostApplicationBuilder builder);

    /// <summary>Adds what each request passes once its caller and tenant are known, before it is authorised.</summary>
    public virtual void Use(IApplicationBuilder app)
    {
    }
}
