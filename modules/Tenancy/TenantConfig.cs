namespace PenguinMails.Tenancy;

/// <summary>How a tenant is billed, told of things, and looks.</summary>
internal sealed class TenantConfig
{
    public required Guid TenantId { get; init; }
    public string? StripeCustomerId { get; set; }
    public string? BillingEmail { get; set; }
    public BillingAddress? BillingAddress { get; set; }
    public bool? NotifyOnBillingChanges { get; set; }
    public bool? NotifyOnSystemUpdates { get; set; }
    public bool? NotifyOnSecurityAlerts { get; set; }
    public string? ThemePrimaryColor { get; set; }
    public string? ThemeLogoUrl { get; set; }
    public string? ThemeFaviconUrl { get; set; }
    public bool? UiSidebarDefaultCollapsed { get; set; }
    public string? UiDateFormat { get; set; }
    public string? UiTimezone { get; set; }
}

/// <summary>Where invoices go; the fields are Stripe's.</summary>
/// <param name="Country">ISO 3166-1 alpha-2.</param>
internal sealed record BillingAddress(string Line1, string? Line2, string City, string? State, string? PostalCode, string Country);
