using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>POST /tenants: another tenant, which the person owns; POST /auth/switch enters it.</summary>
internal static class CreateTenant
{
    // Each has a month of a plan for nothing as yet: not to be had by the dozen.
    private const int MostOwned = 10;

    internal sealed record Request(string Name, string? PostalAddress);

    internal sealed record Response(Guid Id, string Name, Guid CompanyId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).AsName(100);
            RuleFor(request => request.PostalAddress).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, IPublisher modules)
        : Endpoint<Request, Results<Created<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/tenants");
            Policies(AccessPolicies.Person);
        }

        public override async Task<Results<Created<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var userId = scope.UserId!.Value;
            var user = await db.Users.AsNoTracking().SingleAsync(row => row.Id == userId, ct);
            if (user.EmailVerified is null)
            {
                return Problems.Conflict("Verify your e-mail address first.");
            }

            if (await db.Memberships.CountAsync(row => row.UserId == userId && row.Roles.Contains(Membership.Owner), ct) >= MostOwned)
            {
                return Problems.Conflict($"You own {MostOwned} tenants, which is the most one may.");
            }

            var owner = new Membership { TenantId = Guid.CreateVersion7(), UserId = userId, Roles = [Membership.Owner], Email = user.Email! };
            scope.Enter(owner.TenantId, userId);
            var company = db.AddTenant(owner, request.Name, request.PostalAddress);
            while (await db.SaveUniqueAsync(ct) is not null)
            {
                company.TakeOtherSlug();
            }

            await modules.Publish(new TenantSignedUp(owner.TenantId, userId), ct);
            return TypedResults.Created("/api/v1/tenants", new Response(owner.TenantId, request.Name, company.Id));
        }
    }
}
