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

/// <summary>DELETE /staff/feature-flags/{key}: with its overrides; whoever still asks for it finds it off.</summary>
internal static class DeleteFlag
{
    internal sealed record Request(string Key);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ChangeFeed changes, ISender modules)
        : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/staff/feature-flags/{key}");
            Policies(Contracts.Permissions.FlagsManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            if (await db.FeatureFlags.Where(row => row.Key == request.Key).ExecuteDeleteAsync(ct) == 0)
            {
                return Problems.NotFound("Feature flag");
            }

            await changes.TellAsync(Subjects.FeatureFlags);
            await modules.Send(new RecordAudit("flags.delete", "feature-flags", request.Key), CancellationToken.None);
            return TypedResults.NoContent();
        }
    }
}
