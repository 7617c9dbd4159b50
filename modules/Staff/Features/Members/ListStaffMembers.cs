using FastEndpoints;
using MediatR;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Members;

/// <summary>GET /staff/members: who runs the platform, and as what.</summary>
internal static class ListStaffMembers
{
    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ISender modules) : Endpoint<PageRequest, Page<StaffMemberResponse>>
    {
        public override void Configure()
        {
            Get("/staff/members");
            Policies(Contracts.Permissions.StaffRead);
        }

        public override async Task<Page<StaffMemberResponse>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.members");
            var page = await db.Members
                .Join(db.Roles, member => member.RoleId, role => role.Id, (member, role) => new { Member = member, Role = role })
                .ToPageAsync(
                    request,
                    pair => pair.Member.UserId,
                    pair => new StaffMemberResponse(
                        pair.Member.UserId, null, null, pair.Role.Id, pair.Role.Name, pair.Member.Notes, pair.Member.Created),
                    item => item.UserId,
                    ct);
            return page with { Items = await StaffMemberResponse.NamedAsync(page.Items, modules, ct) };
        }
    }
}
