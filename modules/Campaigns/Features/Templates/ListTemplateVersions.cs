using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>GET /templates/{id}/versions: what the template was before, newest first.</summary>
internal static class ListTemplateVersions
{
    internal sealed record Request : IPageRequest
    {
        public Guid Id { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    /// <param name="Replaced">When another version took its place.</param>
    /// <param name="ReplacedBy">Who did that; null for a program or one who is gone.</param>
    internal sealed record Item(Guid Id, int Version, string Subject, DateTimeOffset Replaced, Guid? ReplacedBy);

    internal sealed class Validator : PageValidator<Request>;

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/templates/{id}/versions");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            !await db.Templates.AnyAsync(template => template.Id == request.Id, ct)
                ? Problems.NotFound("Template")
                : TypedResults.Ok(await db.TemplateVersions.Where(version => version.TemplateId == request.Id).ToPageAsync(
                    request,
                    version => version.Id,
                    version => new Item(version.Id, version.Version, version.Subject, version.Created, version.CreatedBy),
                    item => item.Id,
                    ct));
    }
}
