using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Servers;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>POST /staff/servers: orders some. They are asked for within five minutes, and become active when they are built.</summary>
internal static class OrderServers
{
    /// <param name="Count">1 where absent.</param>
    /// <param name="MonthlyCost">Dollars of each; the configured price where absent.</param>
    /// <param name="DedicatedTenantId">Whose alone they are; absent: the shared pool's.</param>
    internal sealed record Request(string Region, int? Count, decimal? MonthlyCost, Guid? DedicatedTenantId);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Region).NotEmpty().MaximumLength(50);
            RuleFor(request => request.Count).InclusiveBetween(1, 10);
            RuleFor(request => request.MonthlyCost).InclusiveBetween(0, 100_000).PrecisionScale(8, 2, ignoreTrailingZeros: true);
        }
    }

    internal sealed class Endpoint(
        PlatformDb<InfrastructureDb> platform, IEnumerable<IServerProvider> providers, IOptions<HostwindsOptions> options, ISender modules)
        : Endpoint<Request, Results<Accepted<Page<ServerResponse>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/servers");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Results<Accepted<Page<ServerResponse>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (providers.FirstOrDefault() is not { } provider)
            {
                return Problems.Unprocessable("provider", "No provider is configured: set Hostwinds:ApiKey, or Hostwinds:Simulate.");
            }

            if (!provider.HasRegion(request.Region))
            {
                return Problems.Unprocessable("region", $"Hostwinds:Regions has no '{request.Region}'.");
            }

            if (request.DedicatedTenantId is { } tenant && await modules.Send(new GetTenantDetails(tenant), ct) is not { Deleted: null })
            {
                return Problems.Unprocessable("dedicatedTenantId", "There is no such tenant.");
            }

            var servers = Enumerable.Range(0, request.Count ?? 1).Select(_ => VpsInstance.Order(
                provider.Kind, request.Region, request.MonthlyCost ?? options.Value.MonthlyCost, request.DedicatedTenantId)).ToList();
            await using var db = platform.Open("staff.servers");
            db.VpsInstances.AddRange(servers);
            await db.SaveChangesAsync(ct);
            foreach (var server in servers)
            {
                await modules.Send(new RecordAudit("servers.order", "server", server.Id.ToString()) { TenantId = request.DedicatedTenantId }, ct);
            }

            return TypedResults.Accepted((string?)null, new Page<ServerResponse>([.. servers.Select(ServerResponse.Of)], null));
        }
    }
}
