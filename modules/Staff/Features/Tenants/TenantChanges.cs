using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>What suspending, reopening and restoring a tenant have in common.</summary>
internal sealed class TenantChanges(ISender modules, ElevatedAccess elevated)
{
    public async Task<Results<NoContent, ProblemHttpResult>> MakeAsync(ChangeTenant change, string outOfPlace, CancellationToken ct)
    {
        if (!await elevated.CoversAsync(change.TenantId, ct))
        {
            return ElevatedAccess.Needed();
        }

        switch (await modules.Send(change, ct))
        {
            case TenantChangeResult.NotFound:
                return Problems.NotFound("Tenant");
            case TenantChangeResult.OutOfPlace:
                return Problems.Conflict(outOfPlace);
            case TenantChangeResult.Done:
                await RecordAsync(change);
                return TypedResults.NoContent();
            default:
                throw new InvalidOperationException("No such result.");
        }
    }

    private Task RecordAsync(ChangeTenant change) => modules.Send(
        new RecordAudit($"tenants.{change.Change.ToString().ToLowerInvariant()}", "tenants", change.TenantId.ToString())
        {
            TenantId = change.TenantId,
            Reason = change.Reason,
        },
        CancellationToken.None);
}
