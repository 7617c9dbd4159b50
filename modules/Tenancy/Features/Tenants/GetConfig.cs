using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>GET /tenant-config: how the tenant is billed, told of things, and looks.</summary>
internal static class GetConfig
{
    internal sealed record Response(
        string? BillingEmail, BillingAddress? BillingAddress, bool NotifyOnBillingChanges, bool NotifyOnSystemUpdates, bool NotifyOnSecurityAlerts,
        string? ThemePrimaryColor, string? ThemeLogoUrl, string? ThemeFaviconUrl, bool UiSidebarDefaultCollapsed, string? UiDateFormat, string? UiTimezone)
    {
        public static Response Of(TenantConfig row) => new(
            row.BillingEmail, row.BillingAddress, row.NotifyOnBillingChanges ?? false, row.NotifyOnSystemUpdates ?? false,
            row.NotifyOnSecurityAlerts ?? false, row.ThemePrimaryColor, row.ThemeLogoUrl, row.ThemeFaviconUrl,
            row.UiSidebarDefaultCollapsed ?? false, row.UiDateFormat, row.UiTimezone);
    }

    internal sealed class Endpoint(TenancyDb db) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/tenant-config");
            Policies(AccessPolicies.TenantPerson);
        }

        public override async Task<Response> ExecuteAsync(CancellationToken ct) => Response.Of(await db.Configs.AsNoTracking().SingleAsync(ct));
    }
}
