using MediatR;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Members;

internal sealed class GetPermissionsHandler(StaffDb db, TenantScope scope) : IRequestHandler<GetPermissions, IReadOnlyList<string>>
{
    public async Task<IReadOnlyList<string>> Handle(GetPermissions request, CancellationToken ct)
    {
        var userId = scope.UserId;
        return await db.Database.SqlQuery<string>(
            $"""
            SELECT p.name AS "Value"
            FROM staff_members m
            JOIN staff_role_permissions r ON r.role_id = m.role_id
            JOIN permissions p ON p.id = r.permission_id
            WHERE m.user_id = {userId}
            """).ToListAsync(ct);
    }
}
