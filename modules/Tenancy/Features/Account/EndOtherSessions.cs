using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>DELETE /account/sessions: logs every device out, but for this one unless <c>?includingThis=true</c>.</summary>
internal static class EndOtherSessions
{
    internal sealed record Request
    {
        [QueryParam]
        public bool? IncludingThis { get; init; }
    }

    internal sealed class Endpoint(Sessions sessions, SecurityActs acts) : Endpoint<Request, NoContent>
    {
        public override void Configure()
        {
            Delete("/account/sessions");
            Policies(AccessPolicies.Person);
        }

        public override async Task<NoContent> ExecuteAsync(Request request, CancellationToken ct)
        {
            await sessions.EndAllAsync(request.IncludingThis == true ? null : User.SessionId(), ct);
            await acts.PublishAsync(SecurityActKind.SessionRevoked, resourceType: "session", resourceId: "all");
            return TypedResults.NoContent();
        }
    }
}
