using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>PUT /companies/{id}/members/{userId}: puts somebody of the tenant to a company, or gives them another role there.</summary>
internal static class SetMember
{
    internal sealed record Request(Guid Id, Guid UserId, string Role);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Role).NotEmpty().OneOf(Membership.AllRoles);
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/companies/{id}/members/{userId}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Companies.AnyAsync(company => company.Id == request.Id, ct))
            {
                return Problems.NotFound("Company");
            }

            if (!await db.Memberships.AnyAsync(row => row.TenantId == scope.TenantId && row.UserId == request.UserId, ct))
            {
                return Problems.NotFound("User");
            }

            var tenantId = scope.RequiredTenantId;
            // Given twice at once, the later one holds.
            await db.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO company_members (tenant_id, company_id, user_id, role) VALUES ({tenantId}, {request.Id}, {request.UserId}, {request.Role})
                ON CONFLICT (company_id, user_id) DO UPDATE SET role = excluded.role
                """,
                ct);
            return TypedResults.NoContent();
        }
    }
}
