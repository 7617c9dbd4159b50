using FastEndpoints;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Accounts;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/forgot-password: mails a link to choose a new one. The answer tells nothing.</summary>
internal static class ForgotPassword
{
    internal sealed record Request(string Email);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Email).AsEmail();
    }

    internal sealed class Endpoint(AccountManager accounts, IBackgroundJobClient jobs) : Endpoint<Request, Accepted>
    {
        public override void Configure()
        {
            Post("/auth/forgot-password");
            AllowAnonymous();
        }

        public override async Task<Accepted> ExecuteAsync(Request request, CancellationToken ct)
        {
            // Nobody gets a job too, which does nothing: the answer takes as long.
            var userId = await accounts.FindAsync(request.Email, ct) ?? Guid.Empty;
            jobs.Enqueue<AccountMail>(mail => mail.ResetPasswordAsync(userId, CancellationToken.None));
            return TypedResults.Accepted((string?)null);
        }
    }
}
