using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>DELETE /templates/{id}: one that no campaign uses, with its versions.</summary>
internal static class DeleteTemplate
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/templates/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var users = await db.Campaigns.Where(campaign => db.Steps.Any(step => step.CampaignId == campaign.Id
                    && (step.TemplateId == request.Id || db.Variants.Any(variant => variant.StepId == step.Id && variant.TemplateId == request.Id))))
                .OrderBy(campaign => campaign.Id).Select(campaign => campaign.Name).Take(11).ToListAsync(ct);
            if (users.Count > 0)
            {
                var names = string.Join(", ", users.Take(10)) + (users.Count > 10 ? " and others" : "");
                return Problems.Conflict($"The template is used by campaigns: {names}.");
            }

            return await db.Templates.Where(template => template.Id == request.Id).ExecuteDeleteAsync(ct) == 0
                ? Problems.NotFound("Template")
                : TypedResults.NoContent();
        }
    }
}
