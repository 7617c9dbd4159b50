using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Leads;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>GET /suppressions/check: whether an address is written to, and who says that it is not.</summary>
internal static class CheckSuppression
{
    internal sealed record Request
    {
        [QueryParam]
        public string Email { get; init; } = "";
    }

    /// <param name="IsSuppressed">By anybody; where only a company says so, the others may write.</param>
    internal sealed record Response(bool IsSuppressed, IReadOnlyList<Scope> Scopes);

    /// <param name="Name">platform, tenant or company. Of the platform's no more is told.</param>
    internal sealed record Scope(string Name, Guid? CompanyId, SuppressionReason? Reason, string? Source, DateTimeOffset? Created);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Email).AsAddress();
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Response>
    {
        public override void Configure()
        {
            Get("/suppressions/check");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            var own = await new SuppressionFilter { Email = request.Email }.Of(db).OrderBy(row => row.CompanyId != null).ThenBy(row => row.Id)
                .Select(row => new Scope(row.CompanyId == null ? "tenant" : "company", row.CompanyId, row.Reason, row.Source, row.Created))
                .ToListAsync(ct);
            var isOfPlatform = await Suppression.HoldsAsync(db, null, null, EmailAddress.Normalise(request.Email)!, ct);
            IReadOnlyList<Scope> all = isOfPlatform ? [new Scope("platform", null, null, null, null), .. own] : own;
            return new Response(all.Count > 0, all);
        }
    }
}
