using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>GET /staff/feature-flags/{key}/overrides: the tenants that have an answer of their own.</summary>
internal static class ListFlagOverrides
{
    internal sealed record Request : IPageRequest
    {
        public required string Key { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed record Item(Guid TenantId, bool IsEnabled, Guid? UpdatedBy, DateTimeOffset Updated);

    internal sealed class Validator : PageValidator<Request>;

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<Request, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/feature-flags/{key}/overrides");
            Policies(Contracts.Permissions.FlagsRead);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            if (await db.FeatureFlags.Where(row => row.Key == request.Key).Select(row => (Guid?)row.Id).SingleOrDefaultAsync(ct) is not { } flagId)
            {
                return Problems.NotFound("Feature flag");
            }

            return TypedResults.Ok(await db.FeatureFlagOverrides.Where(own => own.FeatureFlagId == flagId).ToPageAsync(
                request,
                own => own.TenantId,
                own => new Item(own.TenantId, own.IsEnabled, own.UpdatedBy, own.Updated),
                item => item.TenantId,
                ct));
        }
    }
}
