using MediatR;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>What is missing, by field.</summary>
/// <param name="Refusal">The subscription's no, where that is part of it.</param>
internal sealed record Lacking(IDictionary<string, string[]> Fields, PlanRefusal? Refusal)
{
    public ProblemHttpResult ToProblem() => Refusal?.ToProblem(Fields) ?? Problems.Unprocessable(Fields);
}

/// <summary>What a campaign needs before it may send.</summary>
internal sealed class LaunchCheck(CampaignsDb db, ISender modules)
{
    /// <returns>Null when it may be launched, or resumed where it is paused.</returns>
    public async Task<Lacking?> MissingAsync(Campaign campaign, CancellationToken ct)
    {
        var steps = await StepsAsync(campaign, ct);
        var (hindrance, refusal) = await SubscriptionAsync(ct);
        var missing = new Dictionary<string, string[]>(await OfSequenceAsync(campaign, ct))
        {
            ["leads"] = await LeadsAsync(campaign, ct),
            ["emailAccounts"] = await MailboxesAsync(campaign, Emails(steps), ct),
            ["subscription"] = hindrance is null ? [] : [hindrance],
            ["company.postalAddress"] = (await modules.Send(new GetCompany(campaign.CompanyId), ct))?.PostalAddress is null
                ? ["The footer of commercial mail needs the company's postal address."]
                : [],
        };
        var found = missing.Where(field => field.Value.Length > 0).ToDictionary();
        return found.Count > 0 ? new Lacking(found, refusal) : null;
    }

    /// <returns>What is wrong with the steps themselves and their texts, by field. Asks nobody else.</returns>
    public async Task<IDictionary<string, string[]>> OfSequenceAsync(Campaign campaign, CancellationToken ct)
    {
        var steps = await StepsAsync(campaign, ct);
        var emails = Emails(steps);
        var missing = new Dictionary<string, string[]>
        {
            ["steps"] = emails.Count == 0 ? ["The campaign has no active e-mail step."] : [],
            ["templates"] = await TemplatesAsync(emails, ct),
            ["conditions"] = SequenceCheck.Conditions(campaign, steps),
        };
        return missing.Where(field => field.Value.Length > 0).ToDictionary();
    }

    private Task<List<SequenceStep>> StepsAsync(Campaign campaign, CancellationToken ct) =>
        db.Steps.AsNoTracking().Where(step => step.CampaignId == campaign.Id).OrderBy(step => step.StepOrder).ToListAsync(ct);

    private static List<SequenceStep> Emails(List<SequenceStep> steps) =>
        [.. steps.Where(step => step is { IsActive: true, StepType: StepType.Email })];

    public const string NoLeads = "The campaign has no leads.";

    private async Task<string[]> LeadsAsync(Campaign campaign, CancellationToken ct) =>
        campaign.Status == CampaignStatus.Paused || await db.Enrollments.AnyAsync(row => row.CampaignId == campaign.Id && row.Status == EnrollmentStatus.Pending, ct)
            ? []
            : [NoLeads];

    private async Task<string[]> TemplatesAsync(List<SequenceStep> emails, CancellationToken ct)
    {
        var stepIds = emails.Select(step => step.Id).ToList();
        var variants = await db.Variants.AsNoTracking().Where(variant => stepIds.Contains(variant.StepId)).ToListAsync(ct);
        var ids = emails.Select(step => step.TemplateId).OfType<Guid>().Concat(variants.Select(variant => variant.TemplateId)).Distinct().ToList();
        var templates = await db.Templates.AsNoTracking().Where(template => ids.Contains(template.Id)).OrderBy(template => template.Id).ToListAsync(ct);
        return
        [
            .. templates.SelectMany(template => TemplateRules.Refuse(template.Subject, template.Content, template.TextContent)?.Values
                .SelectMany(found => found).Select(problem => $"{template.Name}: {problem}") ?? []),
            .. emails.Select(step => (step.StepOrder, step.SubjectOverride))
                .Concat(variants.Select(variant => (emails.Single(step => step.Id == variant.StepId).StepOrder, variant.SubjectOverride)))
                .Where(own => own.SubjectOverride is not null)
                .Select(own => LiquidTemplates.Check(own.SubjectOverride!) is { } problem ? $"The subject of step {own.StepOrder}: {problem}" : null)
                .OfType<string>(),
        ];
    }

    private async Task<string[]> MailboxesAsync(Campaign campaign, List<SequenceStep> emails, CancellationToken ct)
    {
        var pool = await db.Mailboxes.Where(row => row.CampaignId == campaign.Id).Select(row => row.EmailAccountId).ToListAsync(ct);
        if (pool.Count == 0 && emails.Any(step => step.EmailAccountId is null))
        {
            return ["The campaign has no mailbox, and a step names none."];
        }

        var ids = pool.Concat(emails.Select(step => step.EmailAccountId).OfType<Guid>()).Distinct().ToList();
        var mailboxes = await modules.Send(new GetMailboxes(ids), ct);
        // What has begun goes on with any that is usable; the leads of the others wait.
        return campaign.Status != CampaignStatus.Paused ? Problems(mailbox => mailbox.LaunchProblem)
            : mailboxes.Any(mailbox => mailbox.Usable) ? []
            : Problems(mailbox => mailbox.Problem);

        string[] Problems(Func<MailboxDetails, string?> problemOf) =>
            [.. mailboxes.Select(mailbox => (mailbox.Email, Problem: problemOf(mailbox))).Where(one => one.Problem is not null).Select(one => $"{one.Email}: {one.Problem}")];
    }

    // The month's quota is part of it, and room for what is to be sent.
    private async Task<(string? Hindrance, PlanRefusal? Refusal)> SubscriptionAsync(CancellationToken ct)
    {
        var permission = await modules.Send(new GetSendingPermission(await db.StoredBytesAsync(ct)), ct);
        return (permission.Reason, permission.Refusal);
    }
}
