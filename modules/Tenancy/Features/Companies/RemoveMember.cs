using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>DELETE /companies/{id}/members/{userId}: takes somebody off a company; they stay in the tenant.</summary>
internal static class RemoveMember
{
    internal sealed record Request(Guid Id, Guid UserId);

    internal sealed class Endpoint(TenancyDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/companies/{id}/members/{userId}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var removed = await db.CompanyMembers.Where(member => member.CompanyId == request.Id && member.UserId == request.UserId).ExecuteDeleteAsync(ct);
            return removed > 0 ? TypedResults.NoContent() : Problems.NotFound("Member");
        }
    }
}
