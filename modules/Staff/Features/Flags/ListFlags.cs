using FastEndpoints;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>GET /staff/feature-flags</summary>
internal static class ListFlags
{
    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<PageRequest, Page<FlagResponse>>
    {
        public override void Configure()
        {
            Get("/staff/feature-flags");
            Policies(Contracts.Permissions.FlagsRead);
        }

        public override async Task<Page<FlagResponse>> ExecuteAsync(PageRequest request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            return await db.FeatureFlags.ToPageAsync(
                request,
                flag => flag.Id,
                flag => new FlagResponse(
                    flag.Id, flag.Key, flag.Description, flag.IsEnabled, flag.RolloutPercentage, flag.UpdatedBy, flag.Updated),
                item => item.Id,
                ct);
        }
    }
}
