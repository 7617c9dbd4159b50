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

/// <summary>POST /staff/servers/{id}/cancel-decommission: a server that was to go stays, whoever wanted it gone.</summary>
internal static class CancelDecommission
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<ServerResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/servers/{id}/cancel-decommission");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.servers");
            if (await db.VpsInstances.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } server)
            {
                return Problems.NotFound("Server");
            }

            if (!server.CancelDecommission(clock.GetUtcNow()))
            {
                return Problems.Conflict(server.Status == VpsStatus.ScheduledDecommission
                    ? "Its date has come: it is being given back."
                    : $"No decommission is scheduled; the server is {SnakeCase.Of(server.Status)}.");
            }

            await db.SaveChangesAsync(ct);
            await modules.Send(new RecordAudit("servers.cancel_decommission", "server", server.Id.ToString()) { TenantId = server.DedicatedTenantId }, ct);
            return TypedResults.Ok(ServerResponse.Of(server));
        }
    }
}
