using FastEndpoints;
using FluentValidation;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>GET /staff/addresses: the addresses of the platform.</summary>
internal static class ListAddresses
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>Only those in this state.</summary>
        [QueryParam]
        public string? Status { get; init; }

        /// <summary>Only those of this server.</summary>
        [QueryParam]
        public Guid? VpsInstanceId { get; init; }

        /// <summary>Only those that are dedicated to this tenant.</summary>
        [QueryParam]
        public Guid? TenantId { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Status).Must(status => status is null || SnakeCase.Knows<AddressStatus>(status))
            .WithMessage($"'status' is one of {string.Join(", ", Enum.GetValues<AddressStatus>().Select(SnakeCase.Of))}.");
    }

    internal sealed class Endpoint(PlatformDb<InfrastructureDb> platform) : Endpoint<Request, Page<AddressResponse>>
    {
        public override void Configure()
        {
            Get("/staff/addresses");
            Policies(Staff.Contracts.Permissions.InfrastructureRead);
        }

        public override async Task<Page<AddressResponse>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.addresses");
            var status = request.Status is null ? default(AddressStatus?) : SnakeCase.Parse<AddressStatus>(request.Status);
            return await db.SmtpIpAddresses
                .Where(address => (status == null || address.Status == status)
                    && (request.VpsInstanceId == null || address.VpsInstanceId == request.VpsInstanceId)
                    && (request.TenantId == null || address.DedicatedTenantId == request.TenantId))
                .ToPageAsync(request, address => address.Id, AddressResponse.Projection, item => item.Id, ct);
        }
    }
}
