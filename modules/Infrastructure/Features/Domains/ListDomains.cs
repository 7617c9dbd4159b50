using FastEndpoints;
using FluentValidation;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>GET /domains: the tenant's sending domains.</summary>
internal static class ListDomains
{
    internal sealed record Request : IPageRequest
    {
        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>Only those whose verification is here.</summary>
        [QueryParam]
        public VerificationStatus? Status { get; init; }

        /// <summary>Only those whose name, in ASCII, begins so.</summary>
        [QueryParam]
        public string? Search { get; init; }
    }

    internal sealed record Item(
        Guid Id, Guid CompanyId, string Domain, string UnicodeName, MailHosting MailHosting, bool IsPrimary,
        VerificationStatus VerificationStatus, DateTimeOffset? Verified, DateTimeOffset? LastChecked, DateTimeOffset Created);

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Search).MaximumLength(253);
    }

    internal sealed class Endpoint(InfrastructureDb db) : Endpoint<Request, Page<Item>>
    {
        public override void Configure()
        {
            Get("/domains");
            Policies(AccessPolicies.Viewer);
        }

        public override Task<Page<Item>> ExecuteAsync(Request request, CancellationToken ct) => db.Domains
            .Where(domain => request.Status == null || domain.VerificationStatus == request.Status)
            .Where(domain => request.Search == null || domain.Name.StartsWith(request.Search.ToLowerInvariant()))
            .ToPageAsync(
                request,
                domain => domain.Id,
                domain => new Item(
                    domain.Id, domain.CompanyId, domain.Name, DomainName.ToUnicode(domain.Name), domain.MailHosting, domain.IsPrimary,
                    domain.VerificationStatus, domain.Verified, domain.LastChecked, domain.Created),
                item => item.Id,
                ct);
    }
}
