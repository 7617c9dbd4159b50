namespace PenguinMails.Billing;

/// <summary>Messages of the month that are about to be sent.</summary>
internal sealed class UsageReservation
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required int Amount { get; init; }

    /// <summary>From then on whoever made it is taken for gone.</summary>
    public required DateTimeOffset Expires { get; init; }
}
