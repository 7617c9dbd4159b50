using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Templates;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Sending;

/// <summary>What a campaign needs before it may send.</summary>
internal sealed class LaunchCheck(CampaignsDb db, ISender modules)
{
    /// <returns>What is missing, by field; empty when it may be launched.</returns>
    public async Task<IDictionary<string, string[]>> MissingAsync(Campaign campaign, CancellationToken ct)
    {
        var steps = await db.Steps.Where(step => step.CampaignId == campaign.Id && step.IsActive && step.StepType == StepType.Email)
            .ToListAsync(ct);
        var missing = new Dictionary<string, string[]>
        {
            ["leads"] = await LeadsAsync(campaign, ct),
            ["steps"] = steps.Count == 0 ? ["The campaign has no active e-mail step."] : [],
            ["templates"] = await TemplatesAsync(steps, ct),
            ["emailAccounts"] = await MailboxesAsync(campaign, steps, ct),
            ["subscription"] = await SubscriptionAsync(ct),
            ["company.postalAddress"] = (await modules.Send(new GetCompany(campaign.CompanyId), ct))?.PostalAddress is null
                ? ["The footer of commercial mail needs the company's postal address."]
                : [],
        };
        return missing.Where(field => field.Value.Length > 0).ToDictionary();
    }

    private async Task<string[]> LeadsAsync(Campaign campaign, CancellationToken ct) =>
        await db.Enrollments.AnyAsync(row => row.CampaignId == campaign.Id, ct) ? [] : ["The campaign has no leads."];

    private async Task<string[]> TemplatesAsync(List<SequenceStep> steps, CancellationToken ct)
    {
        var ids = steps.Select(step => step.TemplateId).ToList();
        var templates = await db.Templates.Where(template => ids.Contains(template.Id)).ToListAsync(ct);
        var problems = templates.SelectMany(template => TemplateRules.Refuse(template.Subject, template.Content, template.TextContent)?.Values.SelectMany(found => found) ?? [])
            .Concat(steps.Where(step => step.SubjectOverride is not null).Select(step => LiquidTemplates.Check(step.SubjectOverride!)));
        return [.. problems.OfType<string>()];
    }

    private async Task<string[]> MailboxesAsync(Campaign campaign, List<SequenceStep> steps, CancellationToken ct)
    {
        var pool = await db.Mailboxes.Where(row => row.CampaignId == campaign.Id).Select(row => row.EmailAccountId).ToListAsync(ct);
        if (pool.Count == 0 && steps.Any(step => step.EmailAccountId is null))
        {
            return ["The campaign has no mailbox, and a step names none."];
        }

        var ids = pool.Concat(steps.Select(step => step.EmailAccountId).OfType<Guid>()).Distinct().ToList();
        var mailboxes = await modules.Send(new GetMailboxes(ids), ct);
        return [.. mailboxes.Where(mailbox => mailbox.LaunchProblem is not null).Select(mailbox => $"{mailbox.Email}: {mailbox.LaunchProblem}")];
    }

    private async Task<string[]> SubscriptionAsync(CancellationToken ct)
    {
        var permission = await modules.Send(new GetSendingPermission(), ct);
        return permission.MaySend ? [] : [permission.Reason ?? "The subscription does not allow sending."];
    }
}
