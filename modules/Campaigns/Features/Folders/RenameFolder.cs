using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Folders;

/// <summary>PATCH /folders/{id}: renames it.</summary>
internal static class RenameFolder
{
    internal sealed record Request(long Id, string Name);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Name).NotEmpty().MaximumLength(100).OneLine();
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<FolderResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/folders/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<FolderResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Folders.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } folder)
            {
                return Problems.NotFound("Folder");
            }

            folder.Name = request.Name.Trim();
            return await db.SaveUniqueAsync(ct) is not null
                ? Problems.Conflict("There is a folder of this name already.")
                : TypedResults.Ok(await db.Folders.Where(row => row.Id == folder.Id).Select(FolderResponse.Of(db)).SingleAsync(ct));
        }
    }
}
