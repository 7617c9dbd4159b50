using FastEndpoints;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>
/// GET /suppressions: the addresses that the tenant, or a company of it, does not write to any more, newest first. There is no way to
/// delete one.
/// </summary>
internal static class ListSuppressions
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

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Page<SuppressionItem>>
    {
        public override void Configure()
        {
            Get("/suppressions");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<SuppressionItem>> ExecuteAsync(Request request, CancellationToken ct) =>
            request.Of(db).ToPageAsync(request, row => row.Id, SuppressionItem.Of, item => item.Id, ct);
    }
}
