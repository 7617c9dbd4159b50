using FastEndpoints;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>GET /domains: the tenant's sending domains.</summary>
internal static class ListDomains
{
    internal sealed record Item(
        Guid Id, Guid CompanyId, string Domain, VerificationStatus VerificationStatus, DateTimeOffset? Verified, DateTimeOffset Created);

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/domains");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.Domains.ToPageAsync(
            request,
            domain => domain.Id,
            domain => new Item(
                domain.Id, domain.CompanyId, domain.Name, domain.VerificationStatus, domain.Verified, domain.Created),
            item => item.Id,
            ct);
    }
}
