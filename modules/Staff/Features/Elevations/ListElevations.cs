using FastEndpoints;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Elevations;

/// <summary>GET /staff/elevations: one's own, or everybody's for those who manage staff.</summary>
internal static class ListElevations
{
    /// <param name="Ended">When it was given back; one that lasted its hour has none.</param>
    internal sealed record Item(
        Guid Id, Guid UserId, Guid? TenantId, string Reason, DateTimeOffset Created, DateTimeOffset Expires, DateTimeOffset? Ended)
    {
        public static Item Of(StaffElevation row) => new(row.Id, row.UserId, row.TenantId, row.Reason, row.Created, row.Expires, row.Ended);
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, TenantScope scope) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/staff/elevations");
            Policies(Contracts.Permissions.StaffElevate);
        }

        public override async Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.elevations");
            var (userId, seesAll) = (scope.UserId, User.May(Contracts.Permissions.StaffManage));
            return await db.Elevations.Where(row => seesAll || row.UserId == userId).ToPageAsync(
                request,
                row => row.Id,
                row => new Item(row.Id, row.UserId, row.TenantId, row.Reason, row.Created, row.Expires, row.Ended),
                item => item.Id,
                ct);
        }
    }
}
