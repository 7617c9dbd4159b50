using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/test-run: mails each e-mail of the sequence at once to the caller or into a domain of the tenant.</summary>
internal static class TestRun
{
    /// <param name="EmailAccountId">From where; the step's mailbox or one of the campaign's where absent.</param>
    /// <param name="LeadId">Whose values and variants; a sample lead's where absent.</param>
    internal sealed record Request(Guid Id, string To, Guid? EmailAccountId, Guid? LeadId);

    /// <param name="Result">Null: it was not sent.</param>
    /// <param name="Reply">The server's, or why it was not sent.</param>
    internal sealed record Item(Guid StepId, int StepOrder, Guid? VariantId, Guid EmailAccountId, string? Subject, SendResult? Result, string Reply);

    internal sealed record Response(string To, IReadOnlyList<Item> Items);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.To).NotEmpty().MaximumLength(254)
            .Must(to => to is null || EmailAddress.Normalise(to) is not null).WithMessage("'{PropertyName}' is not an e-mail address.");
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules, TestMessages messages, TestDelivery delivery, TestSendLimit limit, TenantScope scope)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/test-run");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Campaigns.AnyAsync(row => row.Id == request.Id, ct))
            {
                return Problems.NotFound("Campaign");
            }

            if (request.LeadId is { } lead && !await db.Leads.AnyAsync(row => row.Id == lead, ct))
            {
                return Problems.NotFound("Lead");
            }

            var texts = await CampaignTexts.ReadAsync(db, request.Id, ct);
            var emails = texts.Steps.Where(step => step.StepType == StepType.Email).ToList();
            if (emails.Count == 0)
            {
                return Problems.Unprocessable("steps", "The campaign has no active e-mail step.");
            }

            var (from, problem) = await MailboxesAsync(request, emails, ct);
            var to = EmailAddress.Normalise(request.To)!;
            if ((problem ?? await delivery.RefuseAsync(to, ct)) is { } refusal)
            {
                return refusal;
            }

            return limit.Take(scope.UserId ?? scope.RequiredTenantId) is { } wait
                ? limit.TooMany(wait, HttpContext.Response)
                : TypedResults.Ok(new Response(to, await SendAsync(request, to, texts, from, ct)));
        }

        // Of each step.
        private async Task<(Dictionary<SequenceStep, MailboxDetails> From, ProblemHttpResult? Problem)> MailboxesAsync(
            Request request, List<SequenceStep> emails, CancellationToken ct)
        {
            var pool = await db.Mailboxes.Where(row => row.CampaignId == request.Id).Select(row => row.EmailAccountId).ToListAsync(ct);
            var ids = pool.Concat(emails.Select(step => step.EmailAccountId).Append(request.EmailAccountId).OfType<Guid>()).Distinct().ToList();
            var known = (await modules.Send(new GetMailboxes(ids), ct)).ToDictionary(mailbox => mailbox.Id);
            if (request.EmailAccountId is { } named && !known.ContainsKey(named))
            {
                return ([], Problems.NotFound("Mailbox"));
            }

            var own = StableChoice.MailboxOf(request.LeadId ?? Guid.Empty, pool.Where(id => known.GetValueOrDefault(id) is { Usable: true }));
            var from = emails.Select(step => (Step: step, Mailbox: (request.EmailAccountId ?? step.EmailAccountId ?? own) is { } id ? known.GetValueOrDefault(id) : null))
                .Where(pair => pair.Mailbox is not null).ToDictionary(pair => pair.Step, pair => pair.Mailbox!);
            return (from, from.Count < emails.Count
                ? Problems.Unprocessable("emailAccountId", "The campaign has no usable mailbox, and a step names none.")
                : from.Values.Select(TestDelivery.RefuseMailbox).FirstOrDefault(problem => problem is not null));
        }

        // The first has its turn already.
        private async Task<IReadOnlyList<Item>> SendAsync(
            Request request, string to, CampaignTexts texts, Dictionary<SequenceStep, MailboxDetails> from, CancellationToken ct)
        {
            var items = new List<Item>();
            foreach (var (step, mailbox) in from)
            {
                var variant = texts.VariantOf(step, request.LeadId ?? Guid.Empty);
                var outcome = items.Count > 0 && limit.Take(scope.UserId ?? scope.RequiredTenantId) is not null
                    ? (Subject: null, Sent: new TestOutcome(null, $"More than {limit.Most} test messages an hour: try again later."))
                    : await SendAsync(
                        new(texts.TemplateOf(step, variant), CampaignTexts.SubjectOf(step, variant), step.FromNameOverride, step.Id), mailbox, to, request.LeadId, ct);
                items.Add(new(step.Id, step.StepOrder, variant?.Id, mailbox.Id, outcome.Subject, outcome.Sent.Result, outcome.Sent.Reply));
            }

            return items;
        }

        private async Task<(string? Subject, TestOutcome Sent)> SendAsync(TestText text, MailboxDetails mailbox, string to, Guid? leadId, CancellationToken ct)
        {
            try
            {
                return await messages.ComposeAsync(text, mailbox, to, leadId, ct) is { } message
                    ? (message.Subject, await delivery.SendAsync(mailbox.Id, to, message, ct))
                    : (null, new TestOutcome(null, "The lead was deleted."));
            }
            catch (TemplateFaultException fault)
            {
                return (null, new TestOutcome(null, fault.Message));
            }
        }
    }
}
