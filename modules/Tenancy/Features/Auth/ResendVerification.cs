using FastEndpoints;
using Hangfire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Accounts;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>POST /auth/verify-email/resend: another link and code, at most one a minute. The answer tells nothing.</summary>
internal static class ResendVerification
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
            Post("/auth/verify-email/resend");
            AllowAnonymous();
        }

        public override async Task<Accepted> ExecuteAsync(Request request, CancellationToken ct)
        {
            var userId = await accounts.FindAsync(request.Email, ct) ?? Guid.Empty;
            jobs.Enqueue<AccountMail>(mail => mail.VerifyAsync(userId, CancellationToken.None));
            return TypedResults.Accepted((string?)null);
        }
    }
}
