using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PenguinMails.Staff;

internal sealed class FeatureFlag
{
    public required Guid Id { get; init; }
    public required string Key { get; init; }
    public string? Description { get; set; }
    public bool IsEnabled { get; set; }
    public int RolloutPercentage { get; set; }
    public Guid? UpdatedBy { get; set; }
    public DateTimeOffset Updated { get; private set; }

    /// <summary>Whether it is on without an override. Without a tenant only a rollout to everyone counts.</summary>
    public bool IsOnFor(Guid? tenantId) =>
        IsEnabled && (tenantId is { } tenant ? PlaceOf(tenant) < RolloutPercentage : RolloutPercentage == 100);

    // From 0 to 99, for ever the same: a tenant that has a feature keeps it while the percentage grows. The key is part of
    // it, so that it is not always the same tenants that come first.
    private uint PlaceOf(Guid tenantId) =>
        BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{Key}:{tenantId}"))) % 100;
}

/// <summary>A tenant's own answer.</summary>
internal sealed class FeatureFlagOverride
{
    public required Guid TenantId { get; init; }
    public required Guid FeatureFlagId { get; init; }
    public bool IsEnabled { get; set; }
    public Guid? UpdatedBy { get; set; }
    public DateTimeOffset Updated { get; private set; }
}
