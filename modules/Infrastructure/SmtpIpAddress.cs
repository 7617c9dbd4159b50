namespace PenguinMails.Infrastructure;

internal enum AddressStatus
{
    Available,
    Assigned,
    Warming,
    Warmed,
    Degraded,
    Burned,
    Quarantined,
}

internal enum ReputationState
{
    Good,
    Fair,
    Poor,
    Critical,
}

/// <summary>What one blocklist said of an address or a domain.</summary>
/// <param name="Code">The answer, as <c>127.0.0.2</c>; null where not listed.</param>
internal sealed record Listing(bool Listed, string? Code, DateTimeOffset? Since, DateTimeOffset Checked);

/// <summary>An IP address that the platform sends from (table <c>smtp_ip_addresses</c>).</summary>
internal sealed class SmtpIpAddress
{
    public required Guid Id { get; init; }
    public required Guid VpsInstanceId { get; init; }
    public required string IpAddress { get; init; }
    public AddressStatus Status { get; private set; } = AddressStatus.Available;
    public ReputationState ReputationState { get; private set; } = ReputationState.Good;

    /// <summary>By the name of the blocklist; null: never checked.</summary>
    public IReadOnlyDictionary<string, Listing>? ProviderBlacklistStatus { get; set; }

    public static SmtpIpAddress Provision(Guid vpsInstanceId, string ipAddress) => new()
    {
        Id = Guid.CreateVersion7(),
        VpsInstanceId = vpsInstanceId,
        IpAddress = ipAddress,
    };
}
