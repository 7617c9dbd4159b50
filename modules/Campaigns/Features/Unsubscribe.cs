using System.Net;
using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Tracking;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>
/// GET /u/{token} shows a page and changes nothing; POST unsubscribes at once, without log-in or cookie (RFC 8058): from the tenant, or
/// with <c>scope=company</c> from the company whose message it was.
/// </summary>
internal static class Unsubscribe
{
    /// <param name="Scope">A field of the page's form: <c>company</c>; anything else is the whole tenant.</param>
    internal sealed record Request(string Token, string? Scope);

    internal sealed record Recipient(Lead Lead, Enrollment Enrollment, CompanyDetails? Company)
    {
        public string Email => WebUtility.HtmlEncode(Lead.Email);

        public string CompanyName => WebUtility.HtmlEncode(Company?.Name ?? "this sender");
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, UnsubscribeTokens tokens, ISender modules, TimeProvider clock)
        : Endpoint<Request, IResult>
    {
        public override void Configure()
        {
            Verbs(Http.GET, Http.HEAD, Http.POST);
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
                return Page("<p>This was the link of a test message: nobody is unsubscribed by it.</p>");
            }

            if (tokens.Read(request.Token) is not { } target)
            {
                return RecipientPage.Of(HttpContext, "Unsubscribe", "<p>This link is not valid.</p>", StatusCodes.Status404NotFound);
            }

            // The signed token is the permission to act for this tenant, for this lead only.
            scope.Enter(target.TenantId);
            if (await FindAsync(target.EnrollmentId, ct) is not { } recipient)
            {
                return Page("<p>You are not on this list any more.</p>");
            }

            if (!HttpMethods.IsPost(HttpContext.Request.Method))
            {
                return Page(await QuestionAsync(recipient, ct));
            }

            await new Unsubscribing(db, clock).RunAsync(recipient, request.Scope == "company", ct);
            return Page(await QuestionAsync(recipient, ct));
        }

        private async Task<Recipient?> FindAsync(Guid enrollmentId, CancellationToken ct)
        {
            var found = await db.Enrollments.AsNoTracking().Where(enrollment => enrollment.Id == enrollmentId)
                .Join(db.Leads, enrollment => enrollment.LeadId, lead => lead.Id, (enrollment, lead) => new { enrollment, lead })
                .Join(db.Campaigns, pair => pair.enrollment.CampaignId, campaign => campaign.Id, (pair, campaign) => new { pair.enrollment, pair.lead, campaign.CompanyId })
                .SingleOrDefaultAsync(ct);
            return found is null ? null : new Recipient(found.lead, found.enrollment, await modules.Send(new GetCompany(found.CompanyId), ct));
        }

        private async Task<string> QuestionAsync(Recipient recipient, CancellationToken ct)
        {
            if (await Suppression.HoldsAsync(db, scope.RequiredTenantId, null, recipient.Lead.Email, ct))
            {
                return $"""<p role="status">{recipient.Email} has been unsubscribed. No further message will be sent.</p>{NoWayBack}""";
            }

            var leftCompany = await Suppression.HoldsAsync(db, scope.RequiredTenantId, recipient.Company?.Id, recipient.Lead.Email, ct);
            return leftCompany
                ? $"""
                    <p role="status">{recipient.Email} has been unsubscribed from {recipient.CompanyName}.</p>
                    <p>Other companies of the same sender may still write to you.</p>{Button("", "Unsubscribe from all of them")}{NoWayBack}
                    """
                : $"""
                    <p>Unsubscribe {recipient.Email}? No further message will be sent.</p>{Button("", "Unsubscribe")}
                    <p>Or stop the messages of {recipient.CompanyName} only; other companies of the same sender may still write to you.</p>
                    {Button("company", $"Only from {recipient.CompanyName}")}
                    """;
        }

        private static string Button(string scope, string button) =>
            $"""<form method="post"><button type="submit" name="scope" value="{scope}">{button}</button></form>""";

        // What was once suppressed is never written to by itself again.
        private const string NoWayBack =
            "<p>This cannot be undone here. If it was a mistake, write to the sender yourself.</p>";

        private IResult Page(string content) => RecipientPage.Of(HttpContext, "Unsubscribe", content);
    }
}
