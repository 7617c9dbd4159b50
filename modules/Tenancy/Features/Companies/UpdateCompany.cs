using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>PATCH /companies/{id}: changes what is given; an empty text clears it.</summary>
internal static class UpdateCompany
{
    internal sealed record Request(Guid Id, string? Name, string? WorkspaceName, string? Status, string? LogoUrl, string? PostalAddress);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request(request.Id, null, null, null, null, null))
                .WithName("name").WithMessage("Nothing to change was given.");
            RuleFor(request => request.Name).AsName(100).When(request => request.Name is not null);
            RuleFor(request => request.WorkspaceName).MaximumLength(255).Matches("^[a-z0-9]+(-[a-z0-9]+)*\\z")
                .WithMessage("'workspaceName' must be lower-case letters, digits and single hyphens.");
            RuleFor(request => request.Status).OneOf(Company.Statuses);
            RuleFor(request => request.LogoUrl).MaximumLength(500).AsWebAddress().When(request => request.LogoUrl != "");
            RuleFor(request => request.PostalAddress).MaximumLength(500);
        }
    }

    internal sealed class Endpoint(TenancyDb db) : Endpoint<Request, Results<Ok<CompanyResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/companies/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<CompanyResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Companies.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } company)
            {
                return Problems.NotFound("Company");
            }

            company.Name = request.Name ?? company.Name;
            company.WorkspaceName = request.WorkspaceName ?? company.WorkspaceName;
            company.Status = request.Status ?? company.Status;
            company.LogoUrl = Changed(request.LogoUrl, company.LogoUrl);
            company.PostalAddress = Changed(request.PostalAddress, company.PostalAddress);
            return await db.SaveUniqueAsync(ct) is null
                ? TypedResults.Ok(await db.Companies.Where(row => row.Id == company.Id).Select(CompanyResponse.Of).SingleAsync(ct))
                : Problems.Conflict("This workspace name is taken.");
        }

        private static string? Changed(string? given, string? current) => given is null ? current : given.Length == 0 ? null : given;
    }
}
