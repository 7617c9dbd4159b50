using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>POST /lead-lists: an empty list.</summary>
internal static class CreateLeadList
{
    internal sealed record Request(string Name);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Name).NotEmpty().MaximumLength(200);
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Created<ListLeadLists.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/lead-lists");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<ListLeadLists.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var list = new LeadList { Id = Guid.CreateVersion7(), TenantId = scope.RequiredTenantId, Name = request.Name.Trim() };
            db.Lists.Add(list);
            return await db.SaveUniqueAsync(ct) is null
                ? TypedResults.Created($"/api/v1/lead-lists/{list.Id}", new ListLeadLists.Item(list.Id, list.Name, 0, list.Created))
                : Problems.Conflict("There is a list of this name.");
        }
    }
}
