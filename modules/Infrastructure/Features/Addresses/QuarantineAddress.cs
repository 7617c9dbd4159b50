using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Infrastructure.Features.Addresses;

/// <summary>POST /staff/addresses/{id}/quarantine: takes an address out of use: its domains move to others, and their mail waits where there is none.</summary>
internal static class QuarantineAddress
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
            Post("/staff/addresses/{id}/quarantine");
            Policies(Staff.Contracts.Permissions.IpsQuarantine);
        }

        public override Task<Results<Ok<AddressResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            change.ApplyAsync(request.Id, "addresses.quarantine", request.Reason,
                address => address.Quarantine(request.Reason, null, clock.GetUtcNow()), "quarantined", ct);
    }
}
