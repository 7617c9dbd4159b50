using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>DELETE /account/deletion: calls the deletion of the account off.</summary>
internal static class KeepAccount
{
    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : EndpointWithoutRequest<NoContent>
    {
        public override void Configure()
        {
            Delete("/account/deletion");
            Policies(AccessPolicies.Person);
        }

        public override async Task<NoContent> ExecuteAsync(CancellationToken ct)
        {
            await db.Credentials.Where(credential => credential.UserId == scope.UserId)
                .ExecuteUpdateAsync(row => row.SetProperty(credential => credential.DeleteAfter, (DateTimeOffset?)null), ct);
            return TypedResults.NoContent();
        }
    }
}
