using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>DELETE /staff/servers/{id}: withdraws an order that the provider does not have, or refuses again and again.</summary>
internal static class WithdrawServer
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, ISender modules) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/servers/{id}");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.servers");
            if (await db.VpsInstances.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } server)
            {
                return Problems.NotFound("Server");
            }

            if (!server.IsUnasked)
            {
                return Problems.Conflict("The provider has, or may have, this server: once it is active it can be decommissioned.");
            }

            db.VpsInstances.Remove(server);
            await db.SaveChangesAsync(ct);
            await modules.Send(new RecordAudit("servers.withdraw", "server", server.Id.ToString()), ct);
            await modules.Send(new SettleNotification($"server:{server.Id}", TenantId: null, "The order was withdrawn."), ct);
            return TypedResults.NoContent();
        }
    }
}
