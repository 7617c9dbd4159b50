using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>GET /feature-flags: the keys of those that are on for the tenant. They are few: always one page.</summary>
internal static class ListFeatures
{
    internal sealed class Endpoint(StaffDb db, TenantScope scope) : EndpointWithoutRequest<Page<string>>
    {
        public override void Configure()
        {
            Get("/feature-flags");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Page<string>> ExecuteAsync(CancellationToken ct)
        {
            var own = await db.FeatureFlagOverrides.ToDictionaryAsync(row => row.FeatureFlagId, row => row.IsEnabled, ct);
            var flags = await db.FeatureFlags.AsNoTracking().OrderBy(flag => flag.Key).ToListAsync(ct);
            var on = flags.Where(flag => own.TryGetValue(flag.Id, out var answer) ? answer : flag.IsOnFor(scope.TenantId));
            return new Page<string>([.. on.Select(flag => flag.Key)], null);
        }
    }
}
