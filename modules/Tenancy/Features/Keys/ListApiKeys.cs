using FastEndpoints;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Keys;

/// <summary>GET /api-keys: the tenant's keys, without what opens.</summary>
internal static class ListApiKeys
{
    /// <param name="LastUsed">To the minute.</param>
    internal sealed record Item(
        Guid Id, string Name, string Prefix, string[] Scopes, Guid? CreatedBy, DateTimeOffset Created, DateTimeOffset? Expires,
        DateTimeOffset? LastUsed, DateTimeOffset? Revoked);

    internal sealed class Endpoint(TenancyDb db) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/api-keys");
            Policies(AccessPolicies.AdminPerson);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct) => db.ApiKeys.ToPageAsync(
            request,
            key => key.Id,
            key => new Item(key.Id, key.Name, key.Prefix, key.Scopes, key.CreatedBy, key.Created, key.Expires, key.LastUsed, key.Revoked),
            item => item.Id,
            ct);
    }
}
