using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Members;

/// <summary>The platform always keeps a super_admin.</summary>
internal static class Succession
{
    /// <summary>Holds the members still until the transaction ends, so that two super_admins cannot remove each other at once.</summary>
    public static Task LockAsync(StaffDb db, CancellationToken ct) =>
        db.Database.ExecuteSqlAsync($"SELECT 1 FROM staff_roles WHERE id = {StaffRole.SuperAdmin} FOR UPDATE", ct);

    /// <summary>Whether there would be no super_admin without this member.</summary>
    public static async Task<bool> NeedsAsync(StaffDb db, StaffMember member, CancellationToken ct) => member.RoleId == StaffRole.SuperAdmin
        && !await db.Members.AnyAsync(row => row.RoleId == StaffRole.SuperAdmin && row.UserId != member.UserId, ct);

    public static ProblemHttpResult LastOne() => Problems.Conflict("The last super_admin stays: make somebody else one first.");
}
