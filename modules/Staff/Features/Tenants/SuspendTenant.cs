using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Staff.Features.Tenants;

/// <summary>POST /staff/tenants/{tenantId}/suspension: its people and keys are kept out at once, and nothing is sent. Needs elevated access.</summary>
internal static class SuspendTenant
{
    /// <param name="Reason">The tenant's people read it.</param>
    internal sealed record Request(Guid TenantId, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).NotEmpty().MaximumLength(500);
    }

    internal sealed class Endpoint(TenantChanges changes) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/tenants/{tenantId}/suspension");
            Policies(Contracts.Permissions.TenantsSuspend);
        }

        public override Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            changes.MakeAsync(new ChangeTenant(request.TenantId, TenantChange.Suspend, request.Reason), "It is suspended already.", ct);
    }
}
