using FastEndpoints;
using FluentValidation;
using MediatR;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>GET /staff/tenants: by the beginning of the name, the whole id or an owner's whole address.</summary>
internal static class SearchTenants
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public string? Search { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Search).MaximumLength(254);
    }

    internal sealed class Endpoint(ISender modules) : Endpoint<Request, Page<TenantDetails>>
    {
        public override void Configure()
        {
            Get("/staff/tenants");
            Policies(Contracts.Permissions.TenantsRead);
        }

        public override Task<Page<TenantDetails>> ExecuteAsync(Request request, CancellationToken ct) =>
            modules.Send(new FindTenants(request.Search, request), ct);
    }
}
