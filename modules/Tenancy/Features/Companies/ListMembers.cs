using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Companies;

/// <summary>GET /companies/{id}/members: who of the tenant works for the company.</summary>
internal static class ListMembers
{
    internal sealed record Request : IPageRequest
    {
        public Guid Id { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed record Item(Guid UserId, string? Name, string? Email, string Role, DateTimeOffset Created);

    internal sealed class Validator : PageValidator<Request>;

    internal sealed class Endpoint(TenancyDb db) : Endpoint<Request, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/companies/{id}/members");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Companies.AnyAsync(company => company.Id == request.Id, ct))
            {
                return Problems.NotFound("Company");
            }

            var members = db.CompanyMembers.Where(member => member.CompanyId == request.Id)
                .Join(db.Users, member => member.UserId, user => user.Id, (member, user) => new { Member = member, User = user });
            return TypedResults.Ok(await members.ToPageAsync(
                request,
                pair => pair.User.Id,
                pair => new Item(pair.User.Id, pair.User.Name, pair.User.Email, pair.Member.Role, pair.Member.Created),
                item => item.UserId,
                ct));
        }
    }
}
