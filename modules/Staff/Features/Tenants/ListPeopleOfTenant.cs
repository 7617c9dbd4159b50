using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>
/// GET /staff/tenants/{tenantId}/users: the tenant's people. Addresses and names only for those who may read personal data and have
/// elevated access for the tenant.
/// </summary>
internal static class ListPeopleOfTenant
{
    internal sealed record Request : IPageRequest
    {
        public required Guid TenantId { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>;

    internal sealed class Endpoint(ISender modules, ElevatedAccess elevated) : Endpoint<Request, Results<Ok<Page<TenantPerson>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/tenants/{tenantId}/users");
            Policies(Contracts.Permissions.UsersRead);
        }

        public override async Task<Results<Ok<Page<TenantPerson>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await modules.Send(new GetTenantDetails(request.TenantId), ct) is null)
            {
                return Problems.NotFound("Tenant");
            }

            var page = await modules.Send(new ListTenantPeople(request.TenantId, request), ct);
            var seesWho = User.May(Contracts.Permissions.UsersReadPii) && await elevated.CoversAsync(request.TenantId, ct);
            return TypedResults.Ok(seesWho ? page : page with { Items = [.. page.Items.Select(WithoutName)] });
        }

        private static TenantPerson WithoutName(TenantPerson person) => person with { Email = null, Name = null };
    }
}
