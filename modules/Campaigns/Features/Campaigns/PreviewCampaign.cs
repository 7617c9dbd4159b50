using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Forecasts;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>GET /campaigns/{id}/preview: who gets what, from where and when, if nobody opens, clicks or answers.</summary>
internal static class PreviewCampaign
{
    private const int MostLeads = 50;

    internal sealed record Request
    {
        public Guid Id { get; init; }

        /// <summary>How many of its leads that are not through, 1 to 50; 10 where absent.</summary>
        [QueryParam]
        public int? Leads { get; init; }
    }

    /// <param name="At">When it is foreseen; null where it is not on the lead's way.</param>
    /// <param name="Note">What that depends on, or why the text cannot be shown.</param>
    /// <param name="Html">Without what could do harm in a browser.</param>
    internal sealed record Step(
        Guid StepId, int StepOrder, StepType StepType, DateTimeOffset? At, string? Note, Guid? VariantId, string? Variant,
        string? Subject, string? Text, string? Html);

    /// <param name="From">The address of its mailbox; null where none is usable.</param>
    internal sealed record LeadPreview(Guid LeadId, string Email, Guid? EmailAccountId, string? From, IReadOnlyList<Step> Steps);

    /// <param name="Begins">From when it is foreseen: now, or when it is scheduled.</param>
    internal sealed record Response(DateTimeOffset Begins, IReadOnlyList<LeadPreview> Leads);

    internal sealed class Endpoint(CampaignsDb db, ISender modules, TimeProvider clock) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/preview");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.Leads is < 1 or > MostLeads)
            {
                return Problems.Malformed("leads", $"'leads' is 1 to {MostLeads}.");
            }

            if (await db.Campaigns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign
                || await modules.Send(new GetCompany(campaign.CompanyId), ct) is not { } company)
            {
                return Problems.NotFound("Campaign");
            }

            var now = clock.GetUtcNow();
            var begins = campaign is { Status: CampaignStatus.Scheduled, Scheduled: { } scheduled } && scheduled > now ? scheduled : now;
            var texts = await CampaignTexts.ReadAsync(db, campaign.Id, ct);
            var pool = await db.Mailboxes.Where(row => row.CampaignId == campaign.Id).Select(row => row.EmailAccountId).ToListAsync(ct);
            var enrolled = await EnrolledAsync(request, ct);
            var ids = pool.Concat(texts.Steps.Select(step => step.EmailAccountId).Concat(enrolled.Select(row => row.Enrollment.EmailAccountId)).OfType<Guid>())
                .Distinct().ToList();
            var mailboxes = (await modules.Send(new GetMailboxes(ids), ct)).ToDictionary(mailbox => mailbox.Id);
            var usable = pool.Where(id => mailboxes.GetValueOrDefault(id) is { Usable: true }).ToList();
            var leads = enrolled.Select(row => Begin(row.Enrollment, row.Lead, usable, begins)).ToList();
            var foreseen = new Forecast(campaign, texts.Steps, await modules.Send(new GetMailboxLimits(ids), ct), begins).Of(leads);
            var page = new SequencePage(texts, company, mailboxes);
            return TypedResults.Ok(new Response(begins, [.. leads.Select(lead => page.Of(lead, foreseen[lead.Lead.Id]))]));
        }

        // From where it is on its way.
        private static ForecastLead Begin(Enrollment enrollment, Lead lead, IReadOnlyList<Guid> usable, DateTimeOffset begins) =>
            new(lead, enrollment.EmailAccountId ?? StableChoice.MailboxOf(lead.Id, usable),
                enrollment.NextRun is { } due && due > begins ? due : begins)
            {
                CurrentStep = enrollment.CurrentStep,
                LastSent = enrollment.LastSent,
            };

        private async Task<IReadOnlyList<(Enrollment Enrollment, Lead Lead)>> EnrolledAsync(Request request, CancellationToken ct)
        {
            var rows = await db.Enrollments.AsNoTracking()
                .Where(row => row.CampaignId == request.Id && (row.Status == EnrollmentStatus.Pending || row.Status == EnrollmentStatus.Active))
                .Join(db.Leads.AsNoTracking(), row => row.LeadId, lead => lead.Id, (row, lead) => new { row, lead })
                .Where(pair => pair.lead.Status == LeadStatus.Active).OrderBy(pair => pair.lead.Id).Take(request.Leads ?? 10).ToListAsync(ct);
            return [.. rows.Select(pair => (pair.row, pair.lead))];
        }
    }

    /// <summary>Fills the texts of all steps for one lead after the other.</summary>
    private sealed class SequencePage(CampaignTexts texts, CompanyDetails company, Dictionary<Guid, MailboxDetails> mailboxes)
    {
        public LeadPreview Of(ForecastLead lead, IReadOnlyList<ForeseenStep> foreseen)
        {
            var (steps, thread) = (new List<Step>(), (string?)null);
            foreach (var one in foreseen)
            {
                var step = one.Step.StepType == StepType.Email ? Email(lead, one, thread) : Plain(one);
                thread ??= step.Subject;
                steps.Add(step);
            }

            var mailbox = lead.MailboxId is { } id ? mailboxes.GetValueOrDefault(id) : null;
            return new LeadPreview(lead.Lead.Id, lead.Lead.Email, mailbox?.Id, mailbox?.Email, steps);
        }

        private static Step Plain(ForeseenStep one) =>
            new(one.Step.Id, one.Step.StepOrder, one.Step.StepType, one.At, one.Note, null, null, null, null, null);

        private Step Email(ForecastLead lead, ForeseenStep one, string? thread)
        {
            var variant = texts.VariantOf(one.Step, lead.Lead.Id);
            var (template, own) = (texts.TemplateOf(one.Step, variant), CampaignTexts.SubjectOf(one.Step, variant));
            var shown = Plain(one) with { VariantId = variant?.Id, Variant = variant?.Name };
            var mailbox = (one.Step.EmailAccountId ?? lead.MailboxId) is { } id ? mailboxes.GetValueOrDefault(id) : null;
            try
            {
                var fields = MergeFields.Of(lead.Lead, one.Step.FromNameOverride ?? mailbox?.DisplayName, mailbox?.Email ?? "", MergeFields.SampleLink);
                var text = MessageText.Render(own ?? template.Subject, template.Content, template.TextContent, fields, company, lead.Lead.Id, one.Step.Id);
                return shown with { Subject = MessageComposer.SubjectIn(thread, own is not null, text.Subject), Text = text.Text, Html = PreviewHtml.Sanitise(text.Html) };
            }
            catch (TemplateFaultException fault)
            {
                return shown with { Note = fault.Message };
            }
        }
    }
}
