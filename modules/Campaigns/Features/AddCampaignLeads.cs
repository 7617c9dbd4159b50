using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns/{id}/leads: puts the active leads of a list into the campaign; launching starts them.</summary>
internal static class AddCampaignLeads
{
    internal sealed record Request(Guid Id, Guid ListId);

    /// <param name="Added">Leads that were not in the campaign before.</param>
    internal sealed record Response(int Added);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.ListId).NotEmpty();
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/leads");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (!campaign.MayBeEdited)
            {
                return Problems.Conflict("The campaign has been launched: its leads are fixed.");
            }

            if (!await db.Lists.AnyAsync(list => list.Id == request.ListId, ct))
            {
                return Problems.NotFound("Lead list");
            }

            var added = await db.Database.ExecuteSqlAsync($"""
                INSERT INTO campaign_leads (tenant_id, campaign_id, lead_id)
                SELECT leads.tenant_id, {campaign.Id}, leads.id
                FROM lead_list_members JOIN leads ON leads.id = lead_list_members.lead_id
                WHERE lead_list_members.tenant_id = {scope.RequiredTenantId} AND lead_list_members.list_id = {request.ListId}
                    AND leads.status = 'active'
                ON CONFLICT DO NOTHING
                """, ct);
            return TypedResults.Ok(new Response(added));
        }
    }
}
