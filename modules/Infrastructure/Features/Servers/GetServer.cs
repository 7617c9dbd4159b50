using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>GET /staff/servers/{id}: a server with its addresses.</summary>
internal static class GetServer
{
    internal sealed record Request(Guid Id);

    internal sealed record Response(ServerResponse Server, IReadOnlyList<Address> Addresses);

    internal sealed record Address(Guid Id, string IpAddress, AddressStatus Status, ReputationState ReputationState);

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/servers/{id}");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.servers");
            if (await db.VpsInstances.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } server)
            {
                return Problems.NotFound("Server");
            }

            var addresses = await db.SmtpIpAddresses.Where(address => address.VpsInstanceId == request.Id).OrderBy(address => address.Id)
                .Select(address => new Address(address.Id, address.IpAddress, address.Status, address.ReputationState)).ToListAsync(ct);
            return TypedResults.Ok(new Response(ServerResponse.Of(server), addresses));
        }
    }
}
