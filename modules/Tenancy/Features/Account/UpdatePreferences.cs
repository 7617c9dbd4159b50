using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>PATCH /user-preferences: changes what is given and leaves the rest.</summary>
internal static class UpdatePreferences
{
    internal sealed record Request(
        string? Theme, string? Language, string? Timezone, bool? EmailNotifications, bool? PushNotifications, bool? WeeklyReports,
        bool? MarketingEmails);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request(null, null, null, null, null, null, null))
                .WithName("theme").WithMessage("Nothing to change was given.");
            RuleFor(request => request.Theme).OneOf(["light", "dark", "system"]);
            RuleFor(request => request.Language).Matches("^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?\\z").WithMessage("'language' must be a tag such as en or pt-BR.");
            RuleFor(request => request.Timezone).MaximumLength(100).AsTimeZone();
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<Request, GetPreferences.Response>
    {
        public override void Configure()
        {
            Patch("/user-preferences");
            Policies(AccessPolicies.Person);
        }

        public override async Task<GetPreferences.Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            var row = await db.Preferences.SingleAsync(preferences => preferences.UserId == scope.UserId, ct);
            row.Theme = request.Theme ?? row.Theme;
            row.Language = request.Language ?? row.Language;
            row.Timezone = request.Timezone ?? row.Timezone;
            row.EmailNotifications = request.EmailNotifications ?? row.EmailNotifications;
            row.PushNotifications = request.PushNotifications ?? row.PushNotifications;
            row.WeeklyReports = request.WeeklyReports ?? row.WeeklyReports;
            row.MarketingEmails = request.MarketingEmails ?? row.MarketingEmails;
            await db.SaveChangesAsync(ct);
            return await GetPreferences.ReadAsync(db, scope, ct);
        }
    }
}
