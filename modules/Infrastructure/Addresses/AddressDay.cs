namespace PenguinMails.Infrastructure.Addresses;

/// <summary>An address's day, UTC, in all or with one receiver (table <c>smtp_ip_daily</c>). It is counted up in SQL alone.</summary>
internal sealed class AddressDay
{
    /// <summary>The provider of the row that counts them all.</summary>
    public const string All = "*";

    public required Guid SmtpIpAddressId { get; init; }
    public required DateOnly Day { get; init; }
    public required string Provider { get; init; }

    /// <summary>Taken before the messages were sent.</summary>
    public int Reserved { get; init; }

    /// <summary>Handed over, whatever was answered.</summary>
    public int Sent { get; init; }
    public int Deferred { get; init; }
    public int Bounced { get; init; }
    public int Complained { get; init; }
    public int Opened { get; init; }
    public int Clicked { get; init; }
}
