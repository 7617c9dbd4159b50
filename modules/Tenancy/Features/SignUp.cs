using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features;

/// <summary>POST /auth/sign-up: makes a person, their tenant with its first company, and logs them in as its owner.</summary>
internal static class SignUp
{
    internal sealed record Request(string Email, string Password, string Name, string CompanyName, string? PostalAddress);

    internal sealed record Response(Guid UserId, Guid TenantId, Guid CompanyId, string AccessToken, int ExpiresIn, string TokenType);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).NotEmpty().EmailAddress().MaximumLength(254);
            RuleFor(request => request.Password).NotEmpty().MinimumLength(8).MaximumLength(128);
            RuleFor(request => request.Name).NotEmpty().MaximumLength(200);
            RuleFor(request => request.CompanyName).NotEmpty().MaximumLength(100);
            RuleFor(request => request.PostalAddress).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, AccessTokens tokens, IPasswordHasher<UserCredential> hasher, IPublisher modules)
        : Endpoint<Request, Results<Created<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/auth/sign-up");
            AllowAnonymous();
        }

        public override async Task<Results<Created<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
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
            var company = Company.Create(owner.TenantId, request.CompanyName, request.PostalAddress);
            Add(owner, company, request);
            var grant = tokens.Grant(owner, TimeSpan.FromHours(8));
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                return Problems.Conflict("This e-mail address cannot be used to sign up.");
            }

            await modules.Publish(new TenantSignedUp(owner.TenantId, owner.UserId), ct);
            return TypedResults.Created($"/api/v1/companies/{company.Id}", new Response(
                owner.UserId, owner.TenantId, company.Id, grant.AccessToken, grant.ExpiresIn, grant.TokenType));
        }

        private void Add(Membership owner, Company company, Request request)
        {
            db.Users.Add(new User { Id = owner.UserId, Name = request.Name, Email = request.Email });
            db.Tenants.Add(new Tenant { Id = owner.TenantId, Name = request.CompanyName });
            db.Memberships.Add(owner);
            db.Companies.Add(company);
            db.Configs.Add(new TenantConfig { TenantId = owner.TenantId, BillingEmail = request.Email });
            db.Policies.Add(new TenantPolicies { TenantId = owner.TenantId });
            db.Preferences.Add(new UserPreferences { Id = Guid.CreateVersion7(), UserId = owner.UserId });
            var credential = new UserCredential { UserId = owner.UserId, Email = request.Email.ToLowerInvariant(), PasswordHash = "" };
            credential.PasswordHash = hasher.HashPassword(credential, request.Password);
            db.Credentials.Add(credential);
        }
    }
}
