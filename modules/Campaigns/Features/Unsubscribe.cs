using System.Net;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Shared;

namespace PenguinMails.Campaigns.Features;

/// <summary>GET /u/{token} shows a page and changes nothing; POST unsubscribes at once, without log-in or cookie (RFC 8058).</summary>
internal static class Unsubscribe
{
    internal sealed record Request(string Token);

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, UnsubscribeTokens tokens, TimeProvider clock) : Endpoint<Request, IResult>
    {
        public override void Configure()
        {
            Verbs(Http.GET, Http.POST);
            Routes("/u/{token}");
            RoutePrefixOverride("");
            AllowAnonymous();
            // A form of the page, a mail client's one-click body, or nothing.
            Description(route => route.Accepts<Request>("application/x-www-form-urlencoded", "multipart/form-data", "*/*"), clearDefaults: true);
        }

        public override async Task<IResult> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.Token == TestMessages.Token)
            {
                return Page("This was the link of a test message: nobody is unsubscribed by it.", StatusCodes.Status200OK);
            }

            if (tokens.Read(request.Token) is not { } target)
            {
                return Page("This link is not valid.", StatusCodes.Status404NotFound);
            }

            // The signed token is the permission to act for this tenant, for this lead only.
            scope.Enter(target.TenantId);
            var enrollment = await db.Enrollments.SingleOrDefaultAsync(row => row.Id == target.EnrollmentId, ct);
            if (enrollment is null || await db.Leads.SingleOrDefaultAsync(row => row.Id == enrollment.LeadId, ct) is not { } lead)
            {
                return Page("You are not on this list any more.", StatusCodes.Status200OK);
            }

            if (HttpMethods.IsPost(HttpContext.Request.Method))
            {
                await UnsubscribeAsync(lead, enrollment, ct);
            }

            return lead.Status == LeadStatus.Unsubscribed
                ? Page($"{lead.Email} has been unsubscribed. No further message will be sent.", StatusCodes.Status200OK)
                : Page($"Unsubscribe {lead.Email}?", StatusCodes.Status200OK, "<form method=\"post\"><button>Unsubscribe</button></form>");
        }

        private async Task UnsubscribeAsync(Lead lead, Enrollment enrollment, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            await Suppression.AddAsync(db, lead, SuppressionReason.Unsubscribed, $"campaign {enrollment.CampaignId}", ct);
            if (lead.Status == LeadStatus.Active)
            {
                lead.Unsubscribe();
                db.Events.Add(new EmailEvent
                {
                    Id = Guid.CreateVersion7(),
                    TenantId = lead.TenantId,
                    Created = now,
                    CampaignId = enrollment.CampaignId,
                    LeadId = lead.Id,
                    EventType = EventType.Unsubscribed,
                    Occurred = now,
                });
            }

            await db.SaveChangesAsync(ct);
            await db.Enrollments.Where(row => row.LeadId == lead.Id && row.LeaseOwner == null
                    && (row.Status == EnrollmentStatus.Pending || row.Status == EnrollmentStatus.Active))
                .ExecuteUpdateAsync(row => row
                    .SetProperty(exited => exited.Status, EnrollmentStatus.Exited)
                    .SetProperty(exited => exited.ExitReason, ExitReason.Unsubscribed)
                    .SetProperty(exited => exited.NextRun, (DateTimeOffset?)null), ct);
            await transaction.CommitAsync(ct);
        }

        private static IResult Page(string text, int status, string more = "") => Results.Content($"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Unsubscribe</title>
            <body style="font:16px sans-serif;max-width:32em;margin:4em auto"><p>{WebUtility.HtmlEncode(text)}</p>{more}</body></html>
            """, "text/html; charset=utf-8", statusCode: status);
    }
}
