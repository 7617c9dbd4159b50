using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>PUT /templates/{id}/star: marks it as one to find again.</summary>
internal static class StarTemplate
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/templates/{id}/star");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Templates.Where(row => row.Id == request.Id)
                .ExecuteUpdateAsync(row => row.SetProperty(template => template.IsStarred, true), ct) == 0
                ? Problems.NotFound("Template")
                : TypedResults.NoContent();
    }
}
