using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Addresses;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>POST /staff/addresses/{id}/dedicate: gives an address to one tenant alone, or takes it back to be shared.</summary>
internal static class DedicateAddress
{
    /// <param name="TenantId">Null: it is shared again.</param>
    internal sealed record Request(Guid Id, Guid? TenantId);

    internal sealed class Endpoint(AddressLife life, ISender modules, IOptions<AddressOptions> options)
        : Endpoint<Request, Results<Ok<AddressResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/addresses/{id}/dedicate");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override async Task<Results<Ok<AddressResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.TenantId is { } tenantId && await modules.Send(new GetTenantDetails(tenantId), ct) is not { Deleted: null })
            {
                return Problems.Unprocessable("tenantId", "There is no such tenant.");
            }

            var (problem, before) = (default(string), default(Guid?));
            var address = await life.ChangeAsync(request.Id, async (db, found) =>
            {
                before = found.DedicatedTenantId;
                problem = await WhyNotAsync(db, found, request.TenantId, ct);
                found.DedicateTo(problem is null ? request.TenantId : before);
            }, ct);
            if (address is null || problem is not null)
            {
                return address is null ? Problems.NotFound("Address") : Problems.Conflict(problem!);
            }

            await modules.Send(new RecordAudit("addresses.dedicate", "smtp_ip_address", request.Id.ToString())
            {
                TenantId = request.TenantId ?? before,
                Details = new Dictionary<string, string?> { ["dedicated_tenant_id"] = $"{before} -> {request.TenantId}" },
            }, ct);
            return TypedResults.Ok(AddressResponse.Of(address));
        }

        private async Task<string?> WhyNotAsync(InfrastructureDb db, SmtpIpAddress address, Guid? tenantId, CancellationToken ct) => tenantId switch
        {
            _ when address.Status == AddressStatus.Burned => "A burned address is nobody's.",
            null when address.AssignedCount > options.Value.DomainsPerAddress =>
                $"It has {address.AssignedCount} domains; a shared address has at most {options.Value.DomainsPerAddress}.",
            { } only when await db.DomainIpAssignments.AnyAsync(place => place.SmtpIpAddressId == address.Id
                && place.Status != AssignmentStatus.Expired && place.TenantId != only, ct) => "Domains of other tenants are on it.",
            _ => null,
        };
    }
}
