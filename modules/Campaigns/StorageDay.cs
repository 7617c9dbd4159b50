namespace PenguinMails.Campaigns;

/// <summary>What a tenant's mail of a day (UTC) takes, as it was before it was compressed (table <c>olap.storage_daily</c>).</summary>
internal sealed class StorageDay
{
    public required Guid TenantId { get; init; }
    public required DateOnly Day { get; init; }
    public long SentBytes { get; init; }
    public long ReceivedBytes { get; init; }
}
