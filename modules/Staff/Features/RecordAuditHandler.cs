using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features;

internal sealed class RecordAuditHandler(PlatformDb<StaffDb> platform, TenantScope scope, IHttpContextAccessor http) : IRequestHandler<RecordAudit>
{
    public async Task Handle(RecordAudit request, CancellationToken ct)
    {
        await using var db = platform.Open("audit");
        var details = request.Details is null ? null : JsonSerializer.Serialize(request.Details);
        var (actor, address) = (scope.UserId, http.HttpContext?.Connection.RemoteIpAddress);
        // Not the request's token: who hangs up is recorded all the same.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_log (id, tenant_id, actor_user_id, action, resource_type, resource_id, reason, ip_address, metadata)
            VALUES ({Guid.CreateVersion7()}, {request.TenantId}::uuid, {actor}::uuid, {request.Action}, {request.ResourceType}, {request.ResourceId},
                {request.Reason}, {address}::inet, {details}::jsonb)
            """,
            CancellationToken.None);
    }
}
