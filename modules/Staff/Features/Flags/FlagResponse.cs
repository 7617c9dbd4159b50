namespace PenguinMails.Staff.Features.Flags;

/// <param name="RolloutPercentage">Of the tenants, by a stable hash of key and tenant.</param>
internal sealed record FlagResponse(
    Guid Id, string Key, string? Description, bool IsEnabled, int RolloutPercentage, Guid? UpdatedBy, DateTimeOffset Updated)
{
    public static FlagResponse Of(FeatureFlag flag) => new(
        flag.Id, flag.Key, flag.Description, flag.IsEnabled, flag.RolloutPercentage, flag.UpdatedBy, flag.Updated);
}
