using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>DELETE /templates/{id}/tags/{tagId}: takes the tag off the template.</summary>
internal static class UntagTemplate
{
    internal sealed record Request(Guid Id, long TagId);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/templates/{id}/tags/{tagId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.TemplateTags.Where(row => row.TemplateId == request.Id && row.TagId == request.TagId).ExecuteDeleteAsync(ct) == 0
                ? Problems.NotFound("Tag of the template")
                : TypedResults.NoContent();
    }
}
