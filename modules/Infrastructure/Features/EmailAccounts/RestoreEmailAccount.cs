using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>POST /staff/email-accounts/{id}/restore: staff have looked at a suspended mailbox, and it sends again.</summary>
internal static class RestoreEmailAccount
{
    /// <param name="Reason">The tenant's people read it.</param>
    internal sealed record Request(Guid Id, string Reason);

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).NotEmpty().MaximumLength(500);
    }

    internal sealed class Endpoint(StaffMailboxChange change, TimeProvider clock) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/email-accounts/{id}/restore");
            Policies(Staff.Contracts.Permissions.InfrastructureManage);
        }

        public override Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            change.ApplyAsync(
                request.Id, "restore", request.Reason, account => account.Restore(DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime)), ct);
    }
}
