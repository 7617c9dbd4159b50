using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/refresh: a new access token and a new refresh token. The old refresh token ends the session if it comes again.</summary>
internal static class Refresh
{
    internal sealed record Request(string RefreshToken);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.RefreshToken).NotEmpty().MaximumLength(100);
    }

    internal sealed class Endpoint(Sessions sessions, SecurityActs acts) : Endpoint<Request, Results<Ok<AccessGrant>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/refresh");
            AllowAnonymous();
        }

        public override async Task<Results<Ok<AccessGrant>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var (grant, isReplay) = await sessions.RefreshAsync(request.RefreshToken, ct);
            if (isReplay)
            {
                await acts.PublishAsync(SecurityActKind.SessionRevoked, "a refresh token was used twice");
            }

            return grant is not null
                ? TypedResults.Ok(grant)
                : Answers.SessionOver();
        }
    }
}
