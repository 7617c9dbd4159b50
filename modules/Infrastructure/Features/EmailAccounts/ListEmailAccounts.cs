using FastEndpoints;
using FluentValidation;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>GET /email-accounts: the tenant's mailboxes, newest first.</summary>
internal static class ListEmailAccounts
{
    private static readonly string[] Statuses = [.. Enum.GetValues<EmailAccountStatus>().Select(status => SnakeCase.Of(status))];

    internal sealed record Request : IPageRequest
    {
        /// <summary>active, paused, suspended or disabled.</summary>
        [QueryParam]
        public string? Status { get; init; }

        [QueryParam]
        public Guid? DomainId { get; init; }

        /// <summary>How the address begins.</summary>
        [QueryParam]
        public string? Search { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }
    }

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Status).Must(status => status is null || Statuses.Contains(status))
                .WithMessage($"'status' must be one of {string.Join(", ", Statuses)}.");
            RuleFor(request => request.Search).MaximumLength(254);
        }
    }

    internal sealed class Endpoint(InfrastructureDb db, TimeProvider clock) : Endpoint<Request, Page<EmailAccountResponse>>
    {
        public override void Configure()
        {
            Get("/email-accounts");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<EmailAccountResponse>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var now = clock.GetUtcNow();
            var status = request.Status is null ? (EmailAccountStatus?)null : SnakeCase.Parse<EmailAccountStatus>(request.Status);
            var search = request.Search?.ToLowerInvariant() ?? "";
            return db.EmailAccounts.AsNoTracking()
                .Where(account => status == null || account.Status == status)
                .Where(account => request.DomainId == null || account.DomainId == request.DomainId)
                .Where(account => account.Email.StartsWith(search))
                .ToPageAsync(request, account => account.Id, account => EmailAccountResponse.Of(account, now), item => item.Id, ct);
        }
    }
}
