using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/log-out: ends this session; its tokens open nothing from then on.</summary>
internal static class LogOut
{
    internal sealed class Endpoint(Sessions sessions) : EndpointWithoutRequest<NoContent>
    {
        public override void Configure()
        {
            Post("/auth/log-out");
            Policies(AccessPolicies.Person);
        }

        public override async Task<NoContent> ExecuteAsync(CancellationToken ct)
        {
            await sessions.EndAsync(User.SessionId(), ct);
            return TypedResults.NoContent();
        }
    }
}
