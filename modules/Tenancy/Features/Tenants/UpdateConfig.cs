using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>PUT /tenant-config: replaces it; what is absent is cleared.</summary>
internal static class UpdateConfig
{
    internal sealed record Request(
        string? BillingEmail, BillingAddress? BillingAddress, bool NotifyOnBillingChanges, bool NotifyOnSystemUpdates, bool NotifyOnSecurityAlerts,
        string? ThemePrimaryColor, string? ThemeLogoUrl, string? ThemeFaviconUrl, bool UiSidebarDefaultCollapsed, string? UiDateFormat, string? UiTimezone);

    internal sealed class Validator : Validator<Request>
    {
        // The placeholders of Unicode's date patterns (CLDR), which user interfaces take.
        private static readonly string[] DateFormats = ["yyyy-MM-dd", "dd.MM.yyyy", "dd/MM/yyyy", "MM/dd/yyyy", "d MMM yyyy", "MMM d, yyyy"];

        public Validator()
        {
            RuleFor(request => request.BillingEmail).NotEmpty().EmailAddress().MaximumLength(254);
            RuleFor(request => request.BillingAddress!).SetValidator(new AddressValidator()).When(request => request.BillingAddress is not null);
            RuleFor(request => request.ThemePrimaryColor).Matches("^#[0-9A-Fa-f]{6}\\z").WithMessage("'themePrimaryColor' must be a colour such as #1a2B3c.");
            RuleFor(request => request.ThemeLogoUrl).MaximumLength(500).AsWebAddress();
            RuleFor(request => request.ThemeFaviconUrl).MaximumLength(500).AsWebAddress();
            RuleFor(request => request.UiDateFormat).OneOf(DateFormats);
            RuleFor(request => request.UiTimezone).MaximumLength(50).AsTimeZone();
        }
    }

    internal sealed class AddressValidator : AbstractValidator<BillingAddress>
    {
        public AddressValidator()
        {
            RuleFor(address => address.Line1).NotEmpty().MaximumLength(200);
            RuleFor(address => address.Line2).MaximumLength(200);
            RuleFor(address => address.City).NotEmpty().MaximumLength(100);
            RuleFor(address => address.State).MaximumLength(100);
            RuleFor(address => address.PostalCode).MaximumLength(20);
            RuleFor(address => address.Country).NotEmpty().Matches("^[A-Z]{2}\\z").WithMessage("'country' must be a code such as DE (ISO 3166-1).");
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, SecurityActs acts) : Endpoint<Request, GetConfig.Response>
    {
        public override void Configure()
        {
            Put("/tenant-config");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<GetConfig.Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            var row = await db.Configs.SingleAsync(ct);
            (row.BillingEmail, row.BillingAddress) = (request.BillingEmail, request.BillingAddress);
            (row.NotifyOnBillingChanges, row.NotifyOnSystemUpdates, row.NotifyOnSecurityAlerts) =
                (request.NotifyOnBillingChanges, request.NotifyOnSystemUpdates, request.NotifyOnSecurityAlerts);
            (row.ThemePrimaryColor, row.ThemeLogoUrl, row.ThemeFaviconUrl) = (request.ThemePrimaryColor, request.ThemeLogoUrl, request.ThemeFaviconUrl);
            (row.UiSidebarDefaultCollapsed, row.UiDateFormat, row.UiTimezone) = (request.UiSidebarDefaultCollapsed, request.UiDateFormat, request.UiTimezone);
            await db.SaveChangesAsync(ct);
            await acts.PublishAsync(SecurityActKind.PolicyChanged, resourceType: "tenant_config", resourceId: scope.RequiredTenantId.ToString());
            return GetConfig.Response.Of(row);
        }
    }
}
