using FastEndpoints;
using FluentValidation;
using Hangfire;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Auth;

/// <summary>
/// POST /auth/sign-up: makes a person, and their tenant with its first company. The answer is the same where the address has an
/// account already; the mail that follows is not.
/// </summary>
internal static class SignUp
{
    internal sealed record Request(string Email, string Password, string Name, string CompanyName, string? PostalAddress);

    internal sealed record Response(string Message);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).AsEmail();
            RuleFor(request => request.Password).AsNewPassword();
            RuleFor(request => request.Name).AsName(200);
            RuleFor(request => request.CompanyName).AsName(100);
            RuleFor(request => request.PostalAddress).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, AccountManager accounts, OneTimeTokens tokens, IBackgroundJobClient jobs, IPublisher modules,
        IOptions<AccountOptions> options)
        : Endpoint<Request, Accepted<Response>>
    {
        public override void Configure()
        {
            Post("/auth/sign-up");
            AllowAnonymous();
        }

        public override async Task<Accepted<Response>> ExecuteAsync(Request request, CancellationToken ct)
        {
            // Hashed in any case, so that the answer takes as long.
            var hash = accounts.PasswordHasher.HashPassword(null!, request.Password);
            if (await accounts.FindAsync(request.Email, ct) is { } known)
            {
                await WelcomeBackAsync(known, request, hash, ct);
            }
            else if (await TryCreateAsync(request, hash, ct))
            {
                jobs.Enqueue<AccountMail>(mail => mail.VerifyAsync(scope.UserId!.Value, CancellationToken.None));
                await modules.Publish(new TenantSignedUp(scope.RequiredTenantId, scope.UserId!.Value), ct);
            }

            return TypedResults.Accepted((string?)null, new Response("Look into your mailbox: what follows is there."));
        }

        private async Task WelcomeBackAsync(Guid userId, Request request, string hash, CancellationToken ct)
        {
            scope.Enter(null, userId);
            var user = await db.Users.SingleAsync(row => row.Id == userId, ct);
            if (user.EmailVerified is not null)
            {
                jobs.Enqueue<AccountMail>(mail => mail.AddressTakenAsync(userId, CancellationToken.None));
                return;
            }

            // Nobody has proved to own the address, and each who signs up with it may be the stranger: a password counts once the
            // mail of the same sign-up is opened.
            if (!await tokens.IsEnoughAsync(UserToken.VerifyEmail, ct))
            {
                var life = TimeSpan.FromHours(options.Value.VerificationHours);
                var tokenId = await tokens.ReserveAsync(UserToken.VerifyEmail, user.Email!, life, hash, request.Name, ct);
                jobs.Enqueue<AccountMail>(mail => mail.VerifyReservedAsync(userId, tokenId, CancellationToken.None));
            }
        }

        /// <returns>False where somebody signed up with the address at the same time.</returns>
        private async Task<bool> TryCreateAsync(Request request, string hash, CancellationToken ct)
        {
            var owner = new Membership
            {
                TenantId = Guid.CreateVersion7(),
                UserId = Guid.CreateVersion7(),
                Roles = [Membership.Owner],
                Email = request.Email,
            };
            // From here on the database lets this request write the new tenant and nothing else.
            scope.Enter(owner.TenantId, owner.UserId);
            db.Users.Add(new User { Id = owner.UserId, Name = request.Name, Email = request.Email });
            db.Credentials.Add(new UserCredential { UserId = owner.UserId, Email = request.Email.ToLowerInvariant(), PasswordHash = hash });
            db.Preferences.Add(new UserPreferences { Id = Guid.CreateVersion7(), UserId = owner.UserId });
            var company = db.AddTenant(owner, request.CompanyName, request.PostalAddress);
            var taken = await db.SaveUniqueAsync(ct);
            while (taken == TenancyDb.WorkspaceNameUnique)
            {
                company.TakeOtherSlug();
                taken = await db.SaveUniqueAsync(ct);
            }

            return taken is null;
        }
    }
}
