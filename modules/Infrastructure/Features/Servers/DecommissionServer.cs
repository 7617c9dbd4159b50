using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>POST /staff/servers/{id}/decommission: the server goes when what is paid for ends.</summary>
internal static class DecommissionServer
{
    internal sealed record Request(Guid Id, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).NotEmpty().MaximumLength(500);
    }

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<ServerResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/servers/{id}/decommission");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.servers");
            if (await db.VpsInstances.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } server)
            {
                return Problems.NotFound("Server");
            }

            if (!server.ScheduleDecommission(DecommissionCause.Staff, request.Reason, clock.GetUtcNow()))
            {
                return Problems.Conflict($"Only an active server can be decommissioned; this one is {SnakeCase.Of(server.Status)}.");
            }

            await db.SaveChangesAsync(ct);
            await modules.Send(new RecordAudit("servers.decommission", "server", server.Id.ToString())
            {
                TenantId = server.DedicatedTenantId,
                Reason = request.Reason,
            }, ct);
            return TypedResults.Ok(ServerResponse.Of(server));
        }
    }
}
