using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Tags;

/// <summary>POST /tags: adds a tag of the tenant's own.</summary>
internal static class CreateTag
{
    internal sealed record Request(string Value, string? Name, string? Description);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Value).AsTagValue();
            RuleFor(request => request.Name).MaximumLength(100).OneLine();
            RuleFor(request => request.Description).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope) : Endpoint<Request, Results<Created<TagResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/tags");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<TagResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Tags.CountAsync(tag => !tag.IsDefault, ct) >= Tag.Most)
            {
                return Problems.Unprocessable("value", $"There are at most {Tag.Most} tags.");
            }

            var tag = new Tag { TenantId = scope.RequiredTenantId, Value = request.Value.Trim(), Name = request.Name, Description = request.Description };
            db.Tags.Add(tag);
            return await TagRules.SaveAsync(db, tag, ct) is { } taken
                ? taken
                : TypedResults.Created($"/api/v1/tags/{tag.Id}", TagResponse.From(tag));
        }
    }
}
