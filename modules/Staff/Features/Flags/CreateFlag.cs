using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Access;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>POST /staff/feature-flags: a feature that code asks for by its key.</summary>
internal static class CreateFlag
{
    internal sealed record Request(string Key, string? Description, bool IsEnabled, int RolloutPercentage);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Key).NotEmpty().Matches("^[a-z0-9][a-z0-9._-]{0,99}$")
                .WithMessage("'key' must be of small letters, digits, dots, dashes and underscores, at most 100.");
            RuleFor(request => request.Description).MaximumLength(500);
            RuleFor(request => request.RolloutPercentage).InclusiveBetween(0, 100);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ChangeFeed changes, TenantScope scope, ISender modules)
        : Endpoint<Request, Results<Created<FlagResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/feature-flags");
            Policies(Contracts.Permissions.FlagsManage);
        }

        public override async Task<Results<Created<FlagResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            var flag = new FeatureFlag
            {
                Id = Guid.CreateVersion7(),
                Key = request.Key,
                Description = request.Description,
                IsEnabled = request.IsEnabled,
                RolloutPercentage = request.RolloutPercentage,
                UpdatedBy = scope.UserId,
            };
            db.FeatureFlags.Add(flag);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("There is a feature flag of this key already.");
            }

            await changes.TellAsync(Subjects.FeatureFlags);
            await modules.Send(new RecordAudit("flags.create", "feature-flags", flag.Key)
            {
                Details = new Dictionary<string, string?> { ["is_enabled"] = $"{flag.IsEnabled}", ["rollout_percentage"] = $"{flag.RolloutPercentage}" },
            }, CancellationToken.None);
            return TypedResults.Created($"/api/v1/staff/feature-flags/{flag.Key}", FlagResponse.Of(flag));
        }
    }
}
