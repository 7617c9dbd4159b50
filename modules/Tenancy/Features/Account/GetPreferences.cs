using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>GET /user-preferences: how the person wants to be shown and told things.</summary>
internal static class GetPreferences
{
    internal sealed record Response(
        string Theme, string Language, string Timezone, bool EmailNotifications, bool PushNotifications, bool WeeklyReports, bool MarketingEmails);

    /// <summary>The current person's.</summary>
    public static Task<Response> ReadAsync(TenancyDb db, TenantScope scope, CancellationToken ct) => db.Preferences
        .Where(preferences => preferences.UserId == scope.UserId)
        .Select(row => new Response(
            row.Theme ?? "light", row.Language ?? "en", row.Timezone ?? "UTC", row.EmailNotifications ?? true, row.PushNotifications ?? true,
            row.WeeklyReports ?? false, row.MarketingEmails ?? false))
        .SingleAsync(ct);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/user-preferences");
            Policies(AccessPolicies.Person);
        }

        public override Task<Response> ExecuteAsync(CancellationToken ct) => ReadAsync(db, scope, ct);
    }
}
