using PenguinMails.Tests.Infrastructure.Servers;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A host beside the fixture's that has a Mailu, and waits for it a second at most.</summary>
public sealed class HostWithMailu(HostFixture host) : IAsyncLifetime
{
    internal MailuDouble Mailu { get; private set; } = null!;

    internal HostProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Mailu = await MailuDouble.StartAsync();
        Process = await HostProcess.BesideAsync(host, CancellationToken.None,
            $"--Mailu:ApiUrl={Mailu.Url}/api/v1", $"--Mailu:Token={MailuDouble.Token}", "--Mailu:Host=localhost", "--Mailu:TimeoutSeconds=1",
            "--Mailu:RetryMilliseconds=10", "--Mailu:GenerateDkim=true", "--Logging:LogLevel:Default=Information");
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await Mailu.DisposeAsync();
    }

    /// <summary>A tenant with a verified domain whose mail the platform hosts, as a client of that host.</summary>
    internal async Task<(TenantClient Tenant, System.Text.Json.Nodes.JsonNode Domain)> ATenantAsync(CancellationToken ct)
    {
        var tenant = await host.ATenantAsync(ct);
        return (Process.For(tenant), await tenant.ADomainAsync(ct, "platform"));
    }
}
