using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Servers;

/// <summary>GET /staff/servers: newest first, of a status or a region where one is named.</summary>
internal static class ListServers
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        [QueryParam]
        public string? Status { get; init; }

        [QueryParam]
        public string? Region { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Status).Must(status => status is null || SnakeCase.Knows<VpsStatus>(status))
                .WithMessage("'status' is provisioning, active, scheduled_decommission or decommissioned.");
            RuleFor(request => request.Region).MaximumLength(50);
        }
    }

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform) : Endpoint<Request, Page<ServerResponse>>
    {
        public override void Configure()
        {
            Get("/staff/servers");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Page<ServerResponse>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.servers");
            var servers = db.VpsInstances.AsNoTracking();
            if (request.Status is { } word)
            {
                var status = SnakeCase.Parse<VpsStatus>(word);
                servers = servers.Where(server => server.Status == status);
            }

            if (request.Region is { } region)
            {
                servers = servers.Where(server => server.Region == region);
            }

            return await servers.ToPageAsync(request, server => server.Id, server => ServerResponse.Of(server), item => item.Id, ct);
        }
    }
}
