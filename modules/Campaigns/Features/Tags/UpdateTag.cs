using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Tags;

/// <summary>PATCH /tags/{id}: changes what is given of one of the tenant's own tags; an empty name or description clears it.</summary>
internal static class UpdateTag
{
    internal sealed record Request(long Id, string? Value, string? Name, string? Description);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => (request.Value, request.Name, request.Description) != (null, null, null))
                .WithName("value").WithMessage("Nothing to change was given.");
            When(request => request.Value is not null, () => RuleFor(request => request.Value).AsTagValue());
            RuleFor(request => request.Name).MaximumLength(100).OneLine();
            RuleFor(request => request.Description).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<TagResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/tags/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<TagResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Tags.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } tag)
            {
                return Problems.NotFound("Tag");
            }

            if (tag.IsDefault)
            {
                return Problems.Conflict("A default tag is everybody's: it cannot be changed.");
            }

            tag.Value = request.Value?.Trim() ?? tag.Value;
            tag.Name = Changed(request.Name, tag.Name);
            tag.Description = Changed(request.Description, tag.Description);
            return await TagRules.SaveAsync(db, tag, ct) is { } taken ? taken : TypedResults.Ok(TagResponse.From(tag));
        }

        private static string? Changed(string? given, string? current) => given is null ? current : given.Length == 0 ? null : given;
    }
}
