using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Enrollments;

/// <summary>POST /campaigns/{id}/leads: puts active leads into the campaign. Launching starts them; once it is launched they are due at once.</summary>
internal static class AddCampaignLeads
{
    private const int MostIds = 1000;

    /// <param name="ListId">All of a list's; or ids instead.</param>
    internal sealed record Request(Guid Id, Guid? ListId, Guid[]? LeadIds);

    /// <param name="Added">Leads that were not in the campaign before.</param>
    internal sealed record Response(int Added);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.ListId).Must((request, list) => list is null != request.LeadIds is null)
                .WithMessage("Either 'listId' or 'leadIds' says who.");
            RuleFor(request => request.LeadIds).Must(ids => ids is null or { Length: > 0 and <= MostIds }).WithMessage($"1 to {MostIds} leads at once.");
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, TimeProvider clock) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/leads");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (campaign.Status == CampaignStatus.Completed)
            {
                return Problems.Conflict("The campaign is completed: it can only be read and cloned.");
            }

            if (await RefuseAsync(request, ct) is { } refusal)
            {
                return refusal;
            }

            db.Database.SetCommandTimeout(CampaignsDb.ForMillions);
            var now = clock.GetUtcNow();
            var added = await EnrollAsync(campaign, request, campaign.MayBeEdited ? null : now, ct);
            if (!campaign.MayBeEdited && added > 0)
            {
                campaign.LookAgain(now);
                await db.SaveChangesAsync(ct);
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Ok(new Response(added));
        }

        private async Task<ProblemHttpResult?> RefuseAsync(Request request, CancellationToken ct)
        {
            if (request.ListId is { } list)
            {
                return await db.Lists.AnyAsync(row => row.Id == list, ct) ? null : Problems.NotFound("Lead list");
            }

            var ids = request.LeadIds!.Distinct().ToArray();
            return await db.Leads.CountAsync(lead => ids.Contains(lead.Id), ct) == ids.Length ? null : Problems.NotFound("Lead");
        }

        private Task<int> EnrollAsync(Campaign campaign, Request request, DateTimeOffset? nextRun, CancellationToken ct)
        {
            var tenant = scope.RequiredTenantId;
            return request.ListId is { } list
                ? db.Database.ExecuteSqlAsync($"""
                    INSERT INTO campaign_leads (tenant_id, campaign_id, lead_id, next_run)
                    SELECT leads.tenant_id, {campaign.Id}, leads.id, {nextRun}::timestamptz
                    FROM lead_list_members JOIN leads ON leads.id = lead_list_members.lead_id
                    WHERE lead_list_members.tenant_id = {tenant} AND lead_list_members.list_id = {list} AND leads.status = 'active'
                    ON CONFLICT DO NOTHING
                    """, ct)
                : db.Database.ExecuteSqlAsync($"""
                    INSERT INTO campaign_leads (tenant_id, campaign_id, lead_id, next_run)
                    SELECT leads.tenant_id, {campaign.Id}, leads.id, {nextRun}::timestamptz
                    FROM leads WHERE leads.tenant_id = {tenant} AND leads.id = ANY ({request.LeadIds}) AND leads.status = 'active'
                    ON CONFLICT DO NOTHING
                    """, ct);
        }
    }
}
