using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>DELETE /templates/{id}/folders/{folderId}: takes the template out of the folder.</summary>
internal static class TakeOutOfFolder
{
    internal sealed record Request(Guid Id, long FolderId);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/templates/{id}/folders/{folderId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.TemplateFolders.Where(row => row.TemplateId == request.Id && row.FolderId == request.FolderId).ExecuteDeleteAsync(ct) == 0
                ? Problems.NotFound("Folder of the template")
                : TypedResults.NoContent();
    }
}
