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
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Flags;

/// <summary>PUT /staff/feature-flags/{key}/overrides/{tenantId}: one tenant's own answer, whatever the flag says.</summary>
internal static class SetFlagOverride
{
    internal sealed record Request(string Key, Guid TenantId, bool? IsEnabled);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.IsEnabled).NotNull();
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ChangeFeed changes, TenantScope scope, ISender modules)
        : Endpoint<Request, Results<Ok<ListFlagOverrides.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/staff/feature-flags/{key}/overrides/{tenantId}");
            Policies(Contracts.Permissions.FlagsManage);
        }

        public override async Task<Results<Ok<ListFlagOverrides.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.flags");
            if (await db.FeatureFlags.SingleOrDefaultAsync(row => row.Key == request.Key, ct) is not { } flag)
            {
                return Problems.NotFound("Feature flag");
            }

            if (await modules.Send(new GetTenantDetails(request.TenantId), ct) is null)
            {
                return Problems.NotFound("Tenant");
            }

            var own = await db.FeatureFlagOverrides.SingleOrDefaultAsync(row => row.FeatureFlagId == flag.Id && row.TenantId == request.TenantId, ct)
                ?? db.FeatureFlagOverrides.Add(new FeatureFlagOverride { TenantId = request.TenantId, FeatureFlagId = flag.Id }).Entity;
            (own.IsEnabled, own.UpdatedBy) = (request.IsEnabled!.Value, scope.UserId);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("Somebody else has just set it.");
            }

            await changes.TellAsync(Subjects.FeatureFlags);
            await RecordAsync(flag.Key, own);
            return TypedResults.Ok(new ListFlagOverrides.Item(own.TenantId, own.IsEnabled, own.UpdatedBy, own.Updated));
        }

        private Task RecordAsync(string key, FeatureFlagOverride own) => modules.Send(new RecordAudit("flags.override", "feature-flags", key)
        {
            TenantId = own.TenantId,
            Details = new Dictionary<string, string?> { ["is_enabled"] = $"{own.IsEnabled}" },
        }, CancellationToken.None);
    }
}
