using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>PUT /templates/{id}/folders/{folderId}: puts the template into a folder; it may be in several.</summary>
internal static class PutIntoFolder
{
    internal sealed record Request(Guid Id, long FolderId);

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/templates/{id}/folders/{folderId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Templates.AnyAsync(template => template.Id == request.Id, ct))
            {
                return Problems.NotFound("Template");
            }

            if (!await db.Folders.AnyAsync(folder => folder.Id == request.FolderId, ct))
            {
                return Problems.NotFound("Folder");
            }

            await db.Database.ExecuteSqlAsync($"""
                INSERT INTO template_folders (tenant_id, template_id, folder_id) VALUES ({scope.RequiredTenantId}, {request.Id}, {request.FolderId})
                ON CONFLICT DO NOTHING
                """, ct);
            return TypedResults.NoContent();
        }
    }
}
