using FastEndpoints;
using FluentValidation;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>GET /companies: the tenant's workspaces.</summary>
internal static class ListCompanies
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public string? Status { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Status).OneOf(Company.Statuses);
    }

    internal sealed class Endpoint(TenancyDb db) : Endpoint<Request, Page<CompanyResponse>>
    {
        public override void Configure()
        {
            Get("/companies");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<CompanyResponse>> ExecuteAsync(Request request, CancellationToken ct) => db.Companies
            .Where(company => request.Status == null || company.Status == request.Status)
            .ToPageAsync(request, company => company.Id, CompanyResponse.Of, item => item.Id, ct);
    }
}
