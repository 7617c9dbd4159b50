using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Elevations;

/// <summary>DELETE /staff/elevations/{id}: gives it back before its hour is over; who manages staff ends anybody's.</summary>
internal static class EndElevation
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, TenantScope scope, TimeProvider clock)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/elevations/{id}");
            Policies(Contracts.Permissions.StaffElevate);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.elevations");
            var (userId, endsAny) = (scope.UserId, User.May(Contracts.Permissions.StaffManage));
            var elevation = await db.Elevations.SingleOrDefaultAsync(row => row.Id == request.Id && (endsAny || row.UserId == userId), ct);
            if (elevation is null)
            {
                return Problems.NotFound("Elevation");
            }

            if (!elevation.End(clock.GetUtcNow()))
            {
                return Problems.Conflict("It is over already.");
            }

            await db.SaveChangesAsync(ct);
            return TypedResults.NoContent();
        }
    }
}
