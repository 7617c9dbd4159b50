using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Account;

/// <summary>PUT /account: the person's name and picture.</summary>
internal static class UpdateAccount
{
    internal sealed record Request(string Name, string? GivenName, string? FamilyName, string? Picture);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Name).AsName(200);
            RuleFor(request => request.GivenName).MaximumLength(100);
            RuleFor(request => request.FamilyName).MaximumLength(100);
            RuleFor(request => request.Picture).MaximumLength(500).AsWebAddress();
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope) : Endpoint<Request, GetAccount.Response>
    {
        public override void Configure()
        {
            Put("/account");
            Policies(AccessPolicies.Person);
        }

        public override async Task<GetAccount.Response> ExecuteAsync(Request request, CancellationToken ct)
        {
            var user = await db.Users.SingleAsync(row => row.Id == scope.UserId, ct);
            (user.Name, user.GivenName, user.FamilyName, user.Picture) = (request.Name, request.GivenName, request.FamilyName, request.Picture);
            await db.SaveChangesAsync(ct);
            return await GetAccount.ReadAsync(db, scope, ct);
        }
    }
}
