using FastEndpoints;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.People;

/// <summary>GET /tenant-users: who works in the tenant, and as what.</summary>
internal static class ListTenantUsers
{
    /// <param name="Roles">Empty while an administrator has yet to approve.</param>
    internal sealed record Item(Guid UserId, string Email, string? Name, string? Picture, string[] Roles, DateTimeOffset Created);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/tenant-users");
            Policies(AccessPolicies.TenantPerson);
        }

        // The policies also show the person's own memberships elsewhere.
        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Memberships
            .Where(row => row.TenantId == scope.TenantId && row.Deleted == null)
            .Join(db.Users, row => row.UserId, user => user.Id, (row, user) => new { Row = row, User = user })
            .ToPageAsync(
                request,
                pair => pair.User.Id,
                pair => new Item(pair.User.Id, pair.Row.Email, pair.User.Name, pair.User.Picture, pair.Row.Roles, pair.Row.Created),
                item => item.UserId,
                ct);
    }
}
