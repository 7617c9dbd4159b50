using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>GET /templates/{id}: one template with its hints.</summary>
internal static class GetTemplate
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<TemplateResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/templates/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<TemplateResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await TemplateResponse.FindAsync(db, request.Id, ct) is { } template
                ? TypedResults.Ok(template)
                : Problems.NotFound("Template");
    }
}
