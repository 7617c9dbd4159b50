using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>PATCH /lead-lists/{id}: another name.</summary>
internal static class RenameLeadList
{
    internal sealed record Request(Guid Id, string Name);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Name).NotEmpty().MaximumLength(200);
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/lead-lists/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Lists.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } list)
            {
                return Problems.NotFound("Lead list");
            }

            list.Name = request.Name.Trim();
            return await db.SaveUniqueAsync(ct) is null ? TypedResults.NoContent() : Problems.Conflict("There is a list of this name.");
        }
    }
}
