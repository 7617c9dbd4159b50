using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>PATCH /tenant-policies: changes what is given; recorded with old and new values, and in force at once.</summary>
internal static class UpdatePolicies
{
    internal sealed record Request(
        int? PasswordMinLength, bool? PasswordRequireUppercase, bool? PasswordRequireNumbers, bool? PasswordRequireSymbols,
        int? SessionTimeoutHours, int? MaxLoginAttempts, bool? TwoFactorRequired,
        string? CompanyDefaultStatus, bool? CompanyAllowMemberInvites, bool? CompanyAutoApproveMembers, bool? CompanyRequireEmailVerification);

    internal sealed class Validator : Validator<Request>
    {
        private static readonly Request Nothing = new(null, null, null, null, null, null, null, null, null, null, null);

        public Validator()
        {
            RuleFor(request => request).Must(request => request != Nothing).WithName("passwordMinLength").WithMessage("Nothing to change was given.");
            RuleFor(request => request.PasswordMinLength).InclusiveBetween(8, 128);
            RuleFor(request => request.SessionTimeoutHours).InclusiveBetween(1, 720);
            RuleFor(request => request.MaxLoginAttempts).InclusiveBetween(1, 100);
            RuleFor(request => request.CompanyDefaultStatus).OneOf(Company.Statuses);
        }
    }

    internal sealed class Endpoint(TenancyDb db, TenantScope scope, ChangeFeed changes, SecurityActs acts)
        : Endpoint<Request, Results<Ok<GetPolicies.Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/tenant-policies");
            Policies(AccessPolicies.AdminPerson);
        }

        public override async Task<Results<Ok<GetPolicies.Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.TwoFactorRequired == true
                && !await db.Credentials.AnyAsync(credential => credential.UserId == scope.UserId && credential.TwoFactorEnabled, ct))
            {
                return Problems.Unprocessable("twoFactorRequired", "Enrol an authenticator yourself first: else you would lock yourself out.");
            }

            var row = await db.Policies.SingleAsync(ct);
            Apply(request, row);
            var changed = db.Entry(row).Properties.Where(property => property.IsModified).ToDictionary(
                property => property.Metadata.GetColumnName(), property => $"{property.OriginalValue} -> {property.CurrentValue}");
            await db.SaveChangesAsync(ct);
            await changes.TellAsync(scope.RequiredTenantId);
            if (changed.Count > 0)
            {
                await acts.PublishAsync(SecurityActKind.PolicyChanged, resourceType: "tenant_policies", resourceId: row.TenantId.ToString(), details: changed);
            }

            return TypedResults.Ok(GetPolicies.Response.Of(row));
        }

        private static void Apply(Request request, TenantPolicies row)
        {
            row.PasswordMinLength = request.PasswordMinLength ?? row.PasswordMinLength;
            row.PasswordRequireUppercase = request.PasswordRequireUppercase ?? row.PasswordRequireUppercase;
            row.PasswordRequireNumbers = request.PasswordRequireNumbers ?? row.PasswordRequireNumbers;
            row.PasswordRequireSymbols = request.PasswordRequireSymbols ?? row.PasswordRequireSymbols;
            row.SessionTimeoutHours = request.SessionTimeoutHours ?? row.SessionTimeoutHours;
            row.MaxLoginAttempts = request.MaxLoginAttempts ?? row.MaxLoginAttempts;
            row.TwoFactorRequired = request.TwoFactorRequired ?? row.TwoFactorRequired;
            row.CompanyDefaultStatus = request.CompanyDefaultStatus ?? row.CompanyDefaultStatus;
            row.CompanyAllowMemberInvites = request.CompanyAllowMemberInvites ?? row.CompanyAllowMemberInvites;
            row.CompanyAutoApproveMembers = request.CompanyAutoApproveMembers ?? row.CompanyAutoApproveMembers;
            row.CompanyRequireEmailVerification = request.CompanyRequireEmailVerification ?? row.CompanyRequireEmailVerification;
        }
    }
}
