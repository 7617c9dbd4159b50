using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>POST /companies: adds a workspace, an agency's client for example. A taken slug gets a tail.</summary>
internal static class CreateCompany
{
    internal sealed record Request(string Name, string? LogoUrl, string? PostalAddress);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).AsName(100);
            RuleFor(request => request.LogoUrl).MaximumLength(500).AsWebAddress();
            RuleFor(request => request.PostalAddress).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<Request, Created<CompanyResponse>>
    {
        public override void Configure()
        {
            Post("/companies");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Created<CompanyResponse>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var status = await db.Policies.Select(policies => policies.CompanyDefaultStatus).SingleAsync(ct);
            var company = Company.Create(scope.RequiredTenantId, request.Name, request.PostalAddress, status);
            company.LogoUrl = request.LogoUrl;
            db.Companies.Add(company);
            while (await db.SaveUniqueAsync(ct) is not null)
            {
                company.TakeOtherSlug();
            }

            return TypedResults.Created(
                $"/api/v1/companies/{company.Id}", await db.Companies.Where(row => row.Id == company.Id).Select(CompanyResponse.Of).SingleAsync(ct));
        }
    }
}
