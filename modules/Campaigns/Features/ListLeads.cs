using FastEndpoints;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>GET /leads: the tenant's contacts.</summary>
internal static class ListLeads
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>Only those of this list.</summary>
        [QueryParam]
        public Guid? ListId { get; init; }
    }

    internal sealed record Item(Guid Id, string Email, string? Name, string? Company, LeadStatus Status, DateTimeOffset Created);

    internal sealed class Validator : PageValidator<Request>;

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Page<Item>>
    {
        public override void Configure()
        {
            Get("/leads");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(Request request, CancellationToken ct) => db.Leads
            .Where(lead => request.ListId == null || db.ListMembers.Any(member => member.ListId == request.ListId && member.LeadId == lead.Id))
            .ToPageAsync(
                request,
                lead => lead.Id,
                lead => new Item(lead.Id, lead.Email, lead.Name, lead.Company, lead.Status, lead.Created),
                item => item.Id,
                ct);
    }
}
