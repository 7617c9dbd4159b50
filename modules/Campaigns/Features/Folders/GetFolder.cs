using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Folders;

/// <summary>GET /folders/{id}: one folder.</summary>
internal static class GetFolder
{
    internal sealed record Request(long Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<FolderResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/folders/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<FolderResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Folders.Where(folder => folder.Id == request.Id).Select(FolderResponse.Of(db)).SingleOrDefaultAsync(ct) is { } folder
                ? TypedResults.Ok(folder)
                : Problems.NotFound("Folder");
    }
}
