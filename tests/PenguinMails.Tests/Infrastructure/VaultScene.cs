using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Infrastructure.Secrets.Vault;
using PenguinMails.Shared;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>The platform's client of a Vault of the test's, over the fixture's database.</summary>
internal sealed class VaultScene : IAsyncDisposable
{
    private readonly HostFixture _host;
    private readonly ServiceProvider _services;

    public VaultScene(HostFixture host, FakeVault vault, string? token = null, string secretId = FakeVault.SecretId, TimeProvider? clock = null)
    {
        _host = host;
        Path = $"test/{Guid.CreateVersion7():N}";
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddVault();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddSingleton(host.Services.GetRequiredService<ChangeFeed>());
        services.AddSingleton(host.Services.GetRequiredService<IServiceScopeFactory>());
        services.AddSingleton(Options.Create(new VaultOptions
        {
            Address = new Uri(vault.Address), Namespace = vault.Namespace, Token = token, TimeoutSeconds = 1,
            RoleId = token is null ? FakeVault.RoleId : null, SecretId = token is null ? secretId : null,
        }));
        _services = services.BuildServiceProvider();
    }

    /// <summary>A path that no other test uses.</summary>
    public string Path { get; }

    /// <summary>The same as Vault sees it.</summary>
    public string FullPath => $"penguinmails/{Path}";

    public VaultStore Store => _services.GetRequiredService<VaultStore>();

    public VaultTokens Tokens => _services.GetRequiredService<VaultTokens>();

    public VaultHealthCheck Health => ActivatorUtilities.CreateInstance<VaultHealthCheck>(_services);

    /// <summary>What the host does each minute; it tells the fixture's staff.</summary>
    public VaultRenewal Renewal => new(
        Tokens, _host.Services.GetRequiredService<IServiceScopeFactory>(), _services.GetRequiredService<TimeProvider>(),
        Microsoft.Extensions.Logging.Abstractions.NullLogger<VaultRenewal>.Instance);

    /// <summary>A context of the tenant's, and the store over it, as the host makes them where Vault is configured.</summary>
    public (InfrastructureDb Db, SecretStore Secrets) Of(AsyncServiceScope tenant)
    {
        var db = ActivatorUtilities.CreateInstance<InfrastructureDb>(tenant.ServiceProvider, _services.GetRequiredService<VaultSaving>());
        return (db, new SecretStore(db, _host.Services.GetRequiredService<IDataProtectionProvider>(), Store));
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
