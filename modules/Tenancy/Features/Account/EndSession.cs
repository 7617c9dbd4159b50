using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>DELETE /account/sessions/{id}: logs one device out.</summary>
internal static class EndSession
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(Sessions sessions, SecurityActs acts) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/account/sessions/{id}");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await sessions.EndAsync(request.Id, ct))
            {
                return Problems.NotFound("Session");
            }

            await acts.PublishAsync(SecurityActKind.SessionRevoked, resourceType: "session", resourceId: request.Id.ToString());
            return TypedResults.NoContent();
        }
    }
}
