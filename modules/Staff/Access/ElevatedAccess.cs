using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Access;

/// <summary>
/// Elevated access: what reveals a tenant's people, or changes a tenant, asks for it beside the permission, for that tenant or for all.
/// </summary>
internal sealed class ElevatedAccess(PlatformDb<StaffDb> platform, TenantScope scope, TimeProvider clock)
{
    /// <summary>Whether the current person has it for the tenant now.</summary>
    public async Task<bool> CoversAsync(Guid tenantId, CancellationToken ct)
    {
        await using var db = platform.Open("staff.elevations");
        var (userId, now) = (scope.UserId, clock.GetUtcNow());
        return await db.Elevations.AnyAsync(
            row => row.UserId == userId && row.Ended == null && row.Expires > now && (row.TenantId == null || row.TenantId == tenantId), ct);
    }

    /// <summary>The answer to whoever needs it and has it not.</summary>
    public static ProblemHttpResult Needed() => TypedResults.Problem(
        title: "This needs elevated access for the tenant: take it at POST /api/v1/staff/elevations first.",
        statusCode: StatusCodes.Status403Forbidden);
}
