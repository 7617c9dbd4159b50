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
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Elevations;

/// <summary>POST /staff/elevations: an hour of elevated access, for one tenant or for all.</summary>
internal static class TakeElevation
{
    /// <param name="TenantId">Null for all of them.</param>
    /// <param name="Reason">For the audit log, such as the number of a ticket.</param>
    internal sealed record Request(Guid? TenantId, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).NotEmpty().MaximumLength(500);
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, TenantScope scope, ISender modules, StaffActs acts, TimeProvider clock)
        : Endpoint<Request, Results<Created<ListElevations.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/elevations");
            Policies(Contracts.Permissions.StaffElevate);
        }

        public override async Task<Results<Created<ListElevations.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.TenantId is { } tenantId && await modules.Send(new GetTenantDetails(tenantId), ct) is null)
            {
                return Problems.Unprocessable("tenantId", "There is no such tenant.");
            }

            await using var db = platform.Open("staff.elevations");
            var taken = StaffElevation.Take(scope.UserId!.Value, request.TenantId, request.Reason, clock.GetUtcNow());
            db.Elevations.Add(taken);
            await db.SaveChangesAsync(ct);
            await modules.Send(new RecordAudit("staff.elevate", "elevations", taken.Id.ToString())
            {
                TenantId = request.TenantId,
                Reason = request.Reason,
            }, CancellationToken.None);
            await acts.PublishAsync(SecurityActKind.StaffElevation, request.TenantId, "staff_elevation", taken.Id.ToString(),
                new Dictionary<string, string> { ["reason"] = request.Reason });
            return TypedResults.Created("/api/v1/staff/elevations", ListElevations.Item.Of(taken));
        }
    }
}
