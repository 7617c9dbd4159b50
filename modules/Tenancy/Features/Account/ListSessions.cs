using FastEndpoints;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Access;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>GET /account/sessions: where the person is logged in.</summary>
internal static class ListSessions
{
    /// <param name="LastSeen">When it was opened or refreshed last.</param>
    internal sealed record Item(
        Guid Id, bool IsCurrent, Guid? TenantId, string? IpAddress, string? UserAgent, DateTimeOffset LastSeen, DateTimeOffset Expires);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, TimeProvider clock) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/account/sessions");
            Policies(AccessPolicies.Person);
        }

        public override Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            var (now, current) = (clock.GetUtcNow(), User.SessionId());
            // The policies also show an administrator the sessions of others in the tenant.
            return db.Sessions.Where(row => row.UserId == scope.UserId && row.LastUsed == null && row.Expires > now).ToPageAsync(
                request,
                row => row.FamilyId,
                row => new Item(
                    row.FamilyId, row.FamilyId == current, row.TenantId, row.IpAddress == null ? null : row.IpAddress.ToString(), row.UserAgent,
                    row.Created, row.Expires),
                item => item.Id,
                ct);
        }
    }
}
