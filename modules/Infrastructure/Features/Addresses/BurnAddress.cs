using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>POST /staff/addresses/{id}/burn: retires an address for ever; its domains move to others.</summary>
internal static class BurnAddress
{
    internal sealed record Request(Guid Id, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).NotEmpty().MaximumLength(AddressChange.LongestReason);
    }

    internal sealed class Endpoint(AddressChange change, TimeProvider clock) : Endpoint<Request, Results<Ok<AddressResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/addresses/{id}/burn");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override Task<Results<Ok<AddressResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            change.ApplyAsync(request.Id, "addresses.burn", request.Reason,
                address => address.Burn(request.Reason, clock.GetUtcNow()), "burned", ct);
    }
}
