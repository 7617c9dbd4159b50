using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>
/// POST /tenant/deletion: nobody gets into the tenant from now on and nothing is sent; after 30 days it is purged. Until then staff can
/// bring it back.
/// </summary>
internal static class DeleteTenant
{
    /// <param name="Name">The tenant's, typed in, so that nobody deletes the wrong one.</param>
    internal sealed record Request(string Name, string Password);

    internal sealed record Response(DateTimeOffset? DeleteAfter);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).NotEmpty().MaximumLength(100);
            RuleFor(request => request.Password).NotEmpty().MaximumLength(128);
        }
    }

    internal sealed class Endpoint(
        TenancyDb db, TenantScope scope, AccountManager accounts, ChangeFeed changes, IOptions<AccountOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/tenant/deletion");
            Policies(AccessPolicies.OwnerPerson);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var (tenantId, userId) = (scope.RequiredTenantId, scope.UserId!.Value);
            var credential = await accounts.EnterAsync(userId, ct);
            if (await accounts.ConfirmAsync(credential, request.Password) is { } refusal)
            {
                return Problems.Unprocessable("password", refusal);
            }

            scope.Enter(tenantId, userId);
            var tenant = await db.Tenants.SingleAsync(row => row.Id == tenantId, ct);
            if (tenant.Name != request.Name)
            {
                return Problems.Unprocessable("name", "This is not the tenant's name.");
            }

            tenant.Delete(clock.GetUtcNow(), TimeSpan.FromDays(options.Value.DeletionDays));
            await db.SaveChangesAsync(ct);
            await db.Sessions.Where(session => session.TenantId == tenantId).ExecuteDeleteAsync(ct);
            await changes.TellAsync(tenantId);
            return TypedResults.Ok(new Response(tenant.DeleteAfter));
        }
    }
}
