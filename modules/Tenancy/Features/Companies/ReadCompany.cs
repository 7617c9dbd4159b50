using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>GET /companies/{id}.</summary>
internal static class ReadCompany
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(TenancyDb db) : Endpoint<Request, Results<Ok<CompanyResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/companies/{id}");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<CompanyResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Companies.Where(company => company.Id == request.Id).Select(CompanyResponse.Of).SingleOrDefaultAsync(ct) is { } company
                ? TypedResults.Ok(company)
                : Problems.NotFound("Company");
    }
}
