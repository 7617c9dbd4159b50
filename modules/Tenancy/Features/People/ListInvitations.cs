using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.People;

/// <summary>GET /invitations: who was asked into the tenant, and what came of it.</summary>
internal static class ListInvitations
{
    /// <param name="Status">pending, awaiting_approval, accepted, revoked or expired.</param>
    internal sealed record Item(
        Guid Id, string Email, string[] Roles, Guid? CompanyId, string Status, bool NeedsApproval, Guid? InvitedBy, DateTimeOffset Created,
        DateTimeOffset Expires)
    {
        public static Item Of(Invitation row, DateTimeOffset now) => new(
            row.Id, row.Email, row.Roles, row.CompanyId, row.StatusAt(now), row.NeedsApproval, row.InvitedBy, row.Created, row.Expires);
    }

    internal sealed class Endpoint(TenancyDb db, TimeProvider clock) : Endpoint<PageRequest, Page<Item>>
    {
        public override void Configure()
        {
            Get("/invitations");
            Policies(AccessPolicies.MemberPerson);
        }

        public override async Task<Page<Item>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            var page = await db.Invitations.AsNoTracking().ToPageAsync(request, row => row.Id, row => row, row => row.Id, ct);
            return new Page<Item>([.. page.Items.Select(row => Item.Of(row, now))], page.NextCursor);
        }
    }
}
