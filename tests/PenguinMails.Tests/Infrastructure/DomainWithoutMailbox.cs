using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A tenant's domain at which every mailbox is refused, so that one is enough for all who try.</summary>
public sealed class DomainWithoutMailbox(HostFixture host) : IAsyncLifetime
{
    internal TenantClient Tenant { get; private set; } = null!;

    internal JsonNode Domain { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Tenant = await host.ATenantAsync(CancellationToken.None);
        Domain = await Tenant.ADomainAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        Tenant.Http.Dispose();
        return ValueTask.CompletedTask;
    }
}
