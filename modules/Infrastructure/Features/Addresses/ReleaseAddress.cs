using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>POST /staff/addresses/{id}/release: puts a warmed or assigned address that no domain uses back into the pool, to be warmed anew.</summary>
internal static class ReleaseAddress
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
            Post("/staff/addresses/{id}/release");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override Task<Results<Ok<AddressResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            change.ApplyAsync(request.Id, "addresses.release", request.Reason,
                address => address.Release(request.Reason, clock.GetUtcNow()), "released", ct);
    }
}
