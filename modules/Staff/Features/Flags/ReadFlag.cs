using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>GET /staff/feature-flags/{key}</summary>
internal static class ReadFlag
{
    internal sealed record Request(string Key);

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : Endpoint<Request, Results<Ok<FlagResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/staff/feature-flags/{key}");
            Policies(Contracts.Permissions.FlagsRead);
        }

        public override async Task<Results<Ok<FlagResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            return await db.FeatureFlags.AsNoTracking().SingleOrDefaultAsync(row => row.Key == request.Key, ct) is { } flag
                ? TypedResults.Ok(FlagResponse.Of(flag))
                : Problems.NotFound("Feature flag");
        }
    }
}
