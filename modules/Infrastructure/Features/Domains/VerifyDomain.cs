using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>POST /domains/{id}/verify: looks a domain's records up in DNS, now.</summary>
internal static class VerifyDomain
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(DomainVerification verification, VerifyLimit limit) : Endpoint<Request, Results<Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains/{id}/verify");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (limit.Take(request.Id) is not null)
            {
                HttpContext.Response.Headers.RetryAfter = "60";
                return TypedResults.Problem(
                    title: $"A domain is checked {limit.Most} times a minute at most: try again later.",
                    statusCode: StatusCodes.Status429TooManyRequests);
            }

            return await verification.RunAsync(request.Id, unasked: false, ct) is { } domain
                ? TypedResults.Ok(DomainResponse.Of(domain))
                : Problems.NotFound("Domain");
        }
    }
}
