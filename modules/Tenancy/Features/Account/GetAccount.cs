using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>GET /account: the person who is logged in.</summary>
internal static class GetAccount
{
    /// <param name="DeleteAfter">When the account will be anonymised; null unless that was asked for.</param>
    internal sealed record Response(
        Guid Id, string? Email, DateTimeOffset? EmailVerified, string? Name, string? GivenName, string? FamilyName, string? Picture,
        bool TwoFactorEnabled, DateTimeOffset? DeleteAfter, DateTimeOffset Created);

    /// <summary>The current person.</summary>
    public static Task<Response> ReadAsync(TenancyDb db, TenantScope scope, CancellationToken ct) => db.Users
        .Where(user => user.Id == scope.UserId)
        .Join(db.Credentials, user => user.Id, credential => credential.UserId, (user, credential) => new Response(
            user.Id, user.Email, user.EmailVerified, user.Name, user.GivenName, user.FamilyName, user.Picture,
            credential.TwoFactorEnabled, credential.DeleteAfter, user.Created))
        .SingleAsync(ct);

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/account");
            Policies(AccessPolicies.Person);
        }

        public override Task<Response> ExecuteAsync(CancellationToken ct) => ReadAsync(db, scope, ct);
    }
}
