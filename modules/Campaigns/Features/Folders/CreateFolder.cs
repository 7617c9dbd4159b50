using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Folders;

/// <summary>POST /folders: adds a folder for templates; its name is the tenant's only one in whatever case.</summary>
internal static class CreateFolder
{
    internal sealed record Request(string Name);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Name).NotEmpty().MaximumLength(100).OneLine();
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Created<FolderResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/folders");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<FolderResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Folders.CountAsync(ct) >= Folder.Most)
            {
                return Problems.Unprocessable("name", $"There are at most {Folder.Most} folders.");
            }

            var folder = new Folder { TenantId = scope.RequiredTenantId, Name = request.Name.Trim() };
            db.Folders.Add(folder);
            return await db.SaveUniqueAsync(ct) is not null
                ? Problems.Conflict("There is a folder of this name already.")
                : TypedResults.Created($"/api/v1/folders/{folder.Id}", new FolderResponse(folder.Id, folder.Name, 0, folder.Created));
        }
    }
}
