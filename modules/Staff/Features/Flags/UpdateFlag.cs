using FastEndpoints;
using FluentValidation;
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

/// <summary>PUT /staff/feature-flags/{key}: in force on all hosts within a second.</summary>
internal static class UpdateFlag
{
    internal sealed record Request(string Key, string? Description, bool? IsEnabled, int? RolloutPercentage);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Description).MaximumLength(500);
            RuleFor(request => request.IsEnabled).NotNull();
            RuleFor(request => request.RolloutPercentage).NotNull().InclusiveBetween(0, 100);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ChangeFeed changes, TenantScope scope, ISender modules)
        : Endpoint<Request, Results<Ok<FlagResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/staff/feature-flags/{key}");
            Policies(Contracts.Permissions.FlagsManage);
        }

        public override async Task<Results<Ok<FlagResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            if (await db.FeatureFlags.SingleOrDefaultAsync(row => row.Key == request.Key, ct) is not { } flag)
            {
                return Problems.NotFound("Feature flag");
            }

            (flag.Description, flag.UpdatedBy) = (request.Description, scope.UserId);
            (flag.IsEnabled, flag.RolloutPercentage) = (request.IsEnabled!.Value, request.RolloutPercentage!.Value);
            var changed = db.ChangesOf(flag);
            await db.SaveChangesAsync(ct);
            await changes.TellAsync(Subjects.FeatureFlags);
            await modules.Send(new RecordAudit("flags.update", "feature-flags", flag.Key) { Details = changed }, CancellationToken.None);
            return TypedResults.Ok(FlagResponse.Of(flag));
        }
    }
}
