using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>POST /staff/email-accounts/{id}/suspend: nothing more is sent from a tenant's mailbox until staff restore it.</summary>
internal static class SuspendEmailAccount
{
    /// <param name="Reason">The tenant's people read it.</param>
    internal sealed record Request(Guid Id, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).NotEmpty().MaximumLength(500);
    }

    internal sealed class Endpoint(StaffMailboxChange change) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/email-accounts/{id}/suspend");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            change.ApplyAsync(request.Id, "suspend", request.Reason, account => account.Suspend(request.Reason), ct);
    }
}
