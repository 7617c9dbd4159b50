using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features;

/// <summary>POST /companies: adds a workspace, an agency's client for example.</summary>
internal static class CreateCompany
{
    internal sealed record Request(string Name, string? PostalAddress);

    internal sealed record Response(Guid Id, string Name, string WorkspaceName, string? PostalAddress);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).NotEmpty().MaximumLength(100);
            RuleFor(request => request.PostalAddress).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<Request, Created<Response>>
    {
        public override void Configure()
        {
            Post("/companies");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Created<Response>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var company = Company.Create(scope.RequiredTenantId, request.Name, request.PostalAddress);
            db.Companies.Add(company);
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/companies/{company.Id}",
                new Response(company.Id, company.Name, company.WorkspaceName, company.PostalAddress));
        }
    }
}
