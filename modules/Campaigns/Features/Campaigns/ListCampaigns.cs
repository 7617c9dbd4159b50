using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>GET /campaigns: the tenant's campaigns, newest first.</summary>
internal static class ListCampaigns
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>draft, scheduled, sending, paused or completed.</summary>
        [QueryParam]
        public string? Status { get; init; }

        /// <summary>A part of the name, in any case.</summary>
        [QueryParam]
        public string? Name { get; init; }

        [QueryParam]
        public Guid? CompanyId { get; init; }
    }

    /// <param name="Sent">Messages that left.</param>
    internal sealed record Item(
        Guid Id, Guid CompanyId, string Name, CampaignStatus Status, DateTimeOffset? Scheduled, DateTimeOffset? Started,
        DateTimeOffset? Completed, DateTimeOffset? Created, int Steps, int Sent)
    {
        /// <summary>Enrollments by status.</summary>
        public IReadOnlyDictionary<string, int> Leads { get; init; } = new Dictionary<string, int>();
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Status).Must(status => status is null || SnakeCase.Knows<CampaignStatus>(status))
                .WithMessage("'status' is draft, scheduled, sending, paused or completed.");
            RuleFor(request => request.Name).MaximumLength(200);
        }
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Page<Item>>
    {
        public override void Configure()
        {
            Get("/campaigns");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<Item>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var page = await Found(request).ToPageAsync(
                request,
                campaign => campaign.Id,
                campaign => new Item(
                    campaign.Id, campaign.CompanyId, campaign.Name, campaign.Status, campaign.Scheduled, campaign.Started, campaign.Completed,
                    campaign.Created, db.Steps.Count(step => step.CampaignId == campaign.Id),
                    db.Steps.Where(step => step.CampaignId == campaign.Id).Sum(step => step.ExecutedCount)),
                item => item.Id,
                ct);
            return page with { Items = await WithLeadsAsync(page.Items, ct) };
        }

        private IQueryable<Campaign> Found(Request request)
        {
            var found = db.Campaigns.AsNoTracking();
            if (request.Status is { } text)
            {
                var status = SnakeCase.Parse<CampaignStatus>(text);
                found = found.Where(campaign => campaign.Status == status);
            }

            found = request.CompanyId is { } company ? found.Where(campaign => campaign.CompanyId == company) : found;
            return request.Name is { } name
                ? found.Where(campaign => CampaignsDb.Lower(campaign.Name).Contains(CampaignsDb.Lower(name)))
                : found;
        }

        private async Task<IReadOnlyList<Item>> WithLeadsAsync(IReadOnlyList<Item> items, CancellationToken ct)
        {
            var ids = items.Select(item => item.Id).ToList();
            var counts = (await db.Enrollments.Where(row => ids.Contains(row.CampaignId))
                .GroupBy(row => new { row.CampaignId, row.Status })
                .Select(group => new { group.Key.CampaignId, group.Key.Status, Count = group.Count() })
                .ToListAsync(ct)).ToLookup(row => row.CampaignId);
            return [.. items.Select(item => item with { Leads = counts[item.Id].ToDictionary(row => SnakeCase.Of(row.Status), row => row.Count) })];
        }
    }
}
