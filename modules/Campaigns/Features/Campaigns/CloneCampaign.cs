using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns/{id}/clone: a draft with the same settings, mailboxes, steps and variants.</summary>
internal static class CloneCampaign
{
    private const int LongestName = 200;

    /// <param name="Name">"Copy of" it where absent.</param>
    /// <param name="WithLeads">Also those of its leads that may be written to; none where absent.</param>
    internal sealed record Request(Guid Id, string? Name, bool? WithLeads);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Name).MaximumLength(LongestName);
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, TimeProvider clock)
        : Endpoint<Request, Results<Created<CampaignResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/clone");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<CampaignResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            // Of one state: nobody changes its steps meanwhile.
            if (await db.LockCampaignAsync(request.Id, ct) is not { } original)
            {
                return Problems.NotFound("Campaign");
            }

            var name = string.IsNullOrWhiteSpace(request.Name) ? MessageText.Cut($"Copy of {original.Name}", LongestName) : request.Name;
            var copy = CopyOf(original, name);
            db.Campaigns.Add(copy);
            var pool = await db.Mailboxes.AsNoTracking().Where(row => row.CampaignId == original.Id).ToListAsync(ct);
            db.Mailboxes.AddRange(pool.Select(row => CampaignMailbox.Of(copy, row.EmailAccountId)));
            await CopyStepsAsync(original, copy, ct);
            await db.SaveChangesAsync(ct);
            if (request.WithLeads == true)
            {
                db.Database.SetCommandTimeout(CampaignsDb.ForMillions);
                await CopyLeadsAsync(original, copy, ct);
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Created($"/api/v1/campaigns/{copy.Id}", await CampaignResponse.ReadAsync(db, copy.Id, ct));
        }

        private Campaign CopyOf(Campaign original, string name) => new()
        {
            Id = Guid.CreateVersion7(clock.GetUtcNow()),
            TenantId = original.TenantId,
            CompanyId = original.CompanyId,
            Name = name,
            Description = original.Description,
            Timezone = original.Timezone,
            WindowStart = original.WindowStart,
            WindowEnd = original.WindowEnd,
            WindowDays = original.WindowDays,
            MinGapSeconds = original.MinGapSeconds,
            UseLeadTimezone = original.UseLeadTimezone,
            DailyLimit = original.DailyLimit,
            TrackOpens = original.TrackOpens,
            TrackClicks = original.TrackClicks,
            StopOnReply = original.StopOnReply,
            StopCompanyOnReply = original.StopCompanyOnReply,
        };

        private async Task CopyStepsAsync(Campaign original, Campaign copy, CancellationToken ct)
        {
            var steps = await db.Steps.AsNoTracking().Where(step => step.CampaignId == original.Id).ToListAsync(ct);
            var ids = steps.ToDictionary(step => step.Id, _ => Guid.CreateVersion7(clock.GetUtcNow()));
            db.Steps.AddRange(steps.Select(step => step.CopyTo(copy.Id, ids[step.Id])));
            var variants = await db.Variants.AsNoTracking().Where(variant => ids.Keys.Contains(variant.StepId)).OrderBy(variant => variant.Id).ToListAsync(ct);
            db.Variants.AddRange(variants.Select(variant => variant.CopyTo(ids[variant.StepId], Guid.CreateVersion7(clock.GetUtcNow()))));
        }

        private Task<int> CopyLeadsAsync(Campaign original, Campaign copy, CancellationToken ct) => db.Database.ExecuteSqlAsync($"""
            INSERT INTO campaign_leads (tenant_id, campaign_id, lead_id)
            SELECT leads.tenant_id, {copy.Id}, leads.id FROM campaign_leads JOIN leads ON leads.id = campaign_leads.lead_id
            WHERE campaign_leads.tenant_id = {scope.RequiredTenantId} AND campaign_leads.campaign_id = {original.Id}
                AND leads.status = 'active' AND campaign_leads.exit_reason IS DISTINCT FROM 'removed'
            """, ct);
    }
}
