using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Keys;

/// <summary>POST /api-keys: a key for a program, shown this once.</summary>
internal static class CreateApiKey
{
    /// <param name="Scopes">Of GET /api-keys/scopes.</param>
    internal sealed record Request(string Name, string[] Scopes, DateTimeOffset? Expires);

    internal sealed record Response(Guid Id, string Name, string Key, string Prefix, string[] Scopes, DateTimeOffset? Expires);

    internal sealed class Validator : Validator<Request>
    {
        public Validator(KeyScopes known, TimeProvider clock)
        {
            RuleFor(request => request.Name).AsName(100);
            RuleFor(request => request.Scopes).NotEmpty();
            RuleForEach(request => request.Scopes).Must(scope => known.All.Contains(scope))
                .WithMessage("'{PropertyValue}' is no scope: GET /api/v1/api-keys/scopes lists them.");
            RuleFor(request => request.Expires).Must(expires => expires is null || expires > clock.GetUtcNow())
                .WithMessage("'expires' must be in the future.");
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, ISender modules, SecurityActs acts, TimeProvider clock)
        : Endpoint<Request, Results<Created<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/api-keys");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Created<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await modules.Send(new RequireFeature(PlanFeature.ApiAccess), ct) is { } refusal)
            {
                return refusal.ToProblem("name");
            }

            var text = ApiKey.NewKey();
            var key = new ApiKey
            {
                Id = Guid.CreateVersion7(),
                TenantId = scope.RequiredTenantId,
                Name = request.Name,
                Prefix = ApiKey.PrefixOf(text),
                KeyHash = ApiKey.HashOf(text),
                Scopes = [.. request.Scopes.Distinct().Order(StringComparer.Ordinal)],
                CreatedBy = scope.UserId,
                Expires = request.Expires?.ToUniversalTime(),
                Created = clock.GetUtcNow(),
            };
            db.ApiKeys.Add(key);
            await db.SaveChangesAsync(ct);
            await acts.PublishAsync(SecurityActKind.ApiKeyCreated, resourceType: "api_key", resourceId: key.Id.ToString(),
                details: new Dictionary<string, string> { ["prefix"] = key.Prefix, ["scopes"] = string.Join(' ', key.Scopes) });
            return TypedResults.Created("/api/v1/api-keys", new Response(key.Id, key.Name, text, key.Prefix, key.Scopes, key.Expires));
        }
    }
}
