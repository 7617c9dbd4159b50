using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>DELETE /staff/feature-flags/{key}/overrides/{tenantId}: the flag holds for the tenant again.</summary>
internal static class RemoveFlagOverride
{
    internal sealed record Request(string Key, Guid TenantId);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ChangeFeed changes, ISender modules)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/feature-flags/{key}/overrides/{tenantId}");
            Policies(Contracts.Permissions.FlagsManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            var own = db.FeatureFlagOverrides.Where(row =>
                row.TenantId == request.TenantId && db.FeatureFlags.Any(flag => flag.Id == row.FeatureFlagId && flag.Key == request.Key));
            if (await own.ExecuteDeleteAsync(ct) == 0)
            {
                return Problems.NotFound("Override");
            }

            await changes.TellAsync(Subjects.FeatureFlags);
            await modules.Send(new RecordAudit("flags.remove_override", "feature-flags", request.Key) { TenantId = request.TenantId }, CancellationToken.None);
            return TypedResults.NoContent();
        }
    }
}
