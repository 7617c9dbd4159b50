using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Members;

/// <summary>DELETE /staff/members/{userId}: in force at once; the account stays. Nobody removes themselves.</summary>
internal static class RemoveStaffMember
{
    internal sealed record Request(Guid UserId);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, TenantScope scope, IMediator modules, StaffActs acts)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/members/{userId}");
            Policies(Contracts.Permissions.StaffManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.members");
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            await Succession.LockAsync(db, ct);
            if (await db.Members.SingleOrDefaultAsync(row => row.UserId == request.UserId, ct) is not { } member)
            {
                return Problems.NotFound("Member");
            }

            if (member.UserId == scope.UserId)
            {
                return Problems.Conflict("Nobody removes themselves: ask another super_admin.");
            }

            if (await Succession.NeedsAsync(db, member, ct))
            {
                return Succession.LastOne();
            }

            db.Members.Remove(member);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            await TellAsync(request.UserId, ct);
            return TypedResults.NoContent();
        }

        private async Task TellAsync(Guid userId, CancellationToken ct)
        {
            await modules.Publish(new AccessChanged(userId), ct);
            await modules.Send(new RecordAudit("staff.remove", "members", userId.ToString()), CancellationToken.None);
            await acts.PublishAsync(SecurityActKind.RoleChanged, null, "staff_member", userId.ToString(),
                new Dictionary<string, string> { ["role"] = "removed" });
        }
    }
}
