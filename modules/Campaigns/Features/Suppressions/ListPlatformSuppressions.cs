using FastEndpoints;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>GET /staff/suppressions: the addresses that no tenant writes to any more, newest first.</summary>
internal static class ListPlatformSuppressions
{
    internal sealed record Request : SuppressionFilter, IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => this.AddFilterRules();
    }

    internal sealed class Endpoint(PlatformDb<CampaignsDb> platform) : Endpoint<Request, Page<SuppressionItem>>
    {
        public override void Configure()
        {
            Get("/staff/suppressions");
            Policies(Staff.Contracts.Permissions.SecurityRead);
        }

        public override async Task<Page<SuppressionItem>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.suppressions");
            return await request.Of(db).Where(row => row.TenantId == null)
                .ToPageAsync(request, row => row.Id, SuppressionItem.Of, item => item.Id, ct);
        }
    }
}
