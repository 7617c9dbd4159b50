namespace PenguinMails.Billing.Features.Addons;

/// <param name="PriceMonthly">Of one, in whole units.</param>
internal sealed record AddonResponse(string Id, AddonType Type, int Quantity, decimal? PriceMonthly, string? StripePriceId)
{
    public static AddonResponse Of(SubscriptionAddon row) => new(row.Id, row.AddonType, row.Quantity, row.PriceMonthly, row.StripePriceId);
}
