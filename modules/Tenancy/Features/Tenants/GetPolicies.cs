using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>GET /tenant-policies: what the tenant asks of its people.</summary>
internal static class GetPolicies
{
    internal sealed record Response(
        int PasswordMinLength, bool PasswordRequireUppercase, bool PasswordRequireNumbers, bool PasswordRequireSymbols,
        int SessionTimeoutHours, int MaxLoginAttempts, bool TwoFactorRequired,
        string CompanyDefaultStatus, bool CompanyAllowMemberInvites, bool CompanyAutoApproveMembers, bool CompanyRequireEmailVerification)
    {
        public static Response Of(TenantPolicies row) => new(
            row.PasswordMinLength, row.PasswordRequireUppercase, row.PasswordRequireNumbers, row.PasswordRequireSymbols,
            row.SessionTimeoutHours, row.MaxLoginAttempts, row.TwoFactorRequired,
            row.CompanyDefaultStatus, row.CompanyAllowMemberInvites, row.CompanyAutoApproveMembers, row.CompanyRequireEmailVerification);
    }

    internal sealed class Endpoint(TenancyDb db) : EndpointWithoutRequest<Response>
    {
        public override void Configure()
        {
            Get("/tenant-policies");
            Policies(AccessPolicies.TenantPerson);
        }

        public override async Task<Response> ExecuteAsync(CancellationToken ct) => Response.Of(await db.Policies.AsNoTracking().SingleAsync(ct));
    }
}
