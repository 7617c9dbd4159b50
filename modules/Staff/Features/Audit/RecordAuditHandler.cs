using System.Text.Json;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Audit;

internal sealed class RecordAuditHandler(PlatformDb<StaffDb> platform, TenantScope scope, IHttpContextAccessor http, TimeProvider clock)
    : IRequestHandler<RecordAudit>
{
    public async Task Handle(RecordAudit request, CancellationToken ct)
    {
        await using var db = platform.Open("audit");
        var details = request.Details is null ? null : JsonSerializer.Serialize(request.Details);
        var (actor, tenant, now) = (scope.UserId, request.TenantId, clock.GetUtcNow());
        var address = http.HttpContext?.Connection.RemoteIpAddress.Unmapped();
        // A path may name a tenant that is not there. Not the request's token: who hangs up is recorded all the same.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO audit_log (id, tenant_id, actor_user_id, elevation_id, action, resource_type, resource_id, reason, ip_address, metadata)
            SELECT {Guid.CreateVersion7()}, (SELECT id FROM tenants WHERE id = {tenant}::uuid), {actor}::uuid, (
                SELECT id FROM staff_elevations
                WHERE user_id = {actor}::uuid AND ended IS NULL AND expires > {now} AND (tenant_id IS NULL OR tenant_id = {tenant}::uuid)
                ORDER BY created DESC
                LIMIT 1
            ), {request.Action}, {request.ResourceType}, {request.ResourceId}, {request.Reason}, {address}::inet, {details}::jsonb
            """,
            CancellationToken.None);
    }
}
