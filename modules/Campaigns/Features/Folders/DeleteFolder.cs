using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Folders;

/// <summary>DELETE /folders/{id}: its templates stay.</summary>
internal static class DeleteFolder
{
    internal sealed record Request(long Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/folders/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Folders.Where(folder => folder.Id == request.Id).ExecuteDeleteAsync(ct) == 0
                ? Problems.NotFound("Folder")
                : TypedResults.NoContent();
    }
}
