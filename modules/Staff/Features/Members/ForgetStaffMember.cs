using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Members;

/// <summary>Nobody is of the staff without an account. Where it was the last super_admin, <c>Staff:FirstSuperAdmin</c> names the next.</summary>
internal sealed class ForgetStaffMember(PlatformDb<StaffDb> platform) : INotificationHandler<AccountDeleting>
{
    public async Task Handle(AccountDeleting deleting, CancellationToken ct)
    {
        await using var db = platform.Open("staff.members");
        await db.Members.Where(member => member.UserId == deleting.UserId).ExecuteDeleteAsync(ct);
    }
}
