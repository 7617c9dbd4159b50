namespace PenguinMails.Infrastructure.Addresses;

/// <summary>A change of an address's state with the numbers that led to it (table <c>ip_reputation_history</c>); rows are only added.</summary>
internal sealed class AddressRecord
{
    public required Guid Id { get; init; }
    public required Guid SmtpIpAddressId { get; init; }
    public required DateTimeOffset Checked { get; init; }

    /// <summary>From then on.</summary>
    public required AddressStatus Status { get; init; }
    public required ReputationState ReputationState { get; init; }

    /// <summary>For people.</summary>
    public required string? Reason { get; init; }

    /// <summary>Null where too little was sent to say, or the numbers had no part in it.</summary>
    public decimal? Health { get; init; }
    public int Sent { get; init; }
    public int Bounced { get; init; }
    public int Complained { get; init; }
    public int Opened { get; init; }
    public int Clicked { get; init; }
    public IReadOnlyDictionary<string, Listing>? Listings { get; init; }
}
