using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Members;

/// <summary>GET /staff/roles: what a member can be, and may do then. They are few: always one page.</summary>
internal static class ListStaffRoles
{
    internal sealed record Item(int Id, string Name, string? Description, IReadOnlyList<string> Permissions);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : EndpointWithoutRequest<Page<Item>>
    {
        public override void Configure()
        {
            Get("/staff/roles");
            Policies(Contracts.Permissions.StaffRead);
        }

        public override async Task<Page<Item>> ExecuteAsync(CancellationToken ct)
        {
            await using var db = platform.Open("staff.members");
            var roles = await db.Roles.OrderBy(role => role.Id)
                .Select(role => new Item(role.Id, role.Name, role.Description, db.RolePermissions
                    .Where(given => given.RoleId == role.Id)
                    .Join(db.Permissions, given => given.PermissionId, permission => permission.Id, (_, permission) => permission)
                    .OrderBy(permission => permission.Id)
                    .Select(permission => permission.Name)
                    .ToList()))
                .ToListAsync(ct);
            return new Page<Item>(roles, null);
        }
    }
}
