using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>GET /templates/{id}/versions/{version}: what the template sent before it was changed.</summary>
internal static class GetTemplateVersion
{
    internal sealed record Request(Guid Id, int Version);

    internal sealed record Response(int Version, string Subject, string Content, string? TextContent, DateTimeOffset Replaced, Guid? ReplacedBy);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/templates/{id}/versions/{version}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.TemplateVersions.Where(row => row.TemplateId == request.Id && row.Version == request.Version)
                .Select(row => new Response(row.Version, row.Subject, row.Content, row.TextContent, row.Created, row.CreatedBy))
                .SingleOrDefaultAsync(ct) is { } version
                ? TypedResults.Ok(version)
                : Problems.NotFound("Version");
    }
}
