using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>PATCH /domains/{id}: changes what is given; an empty <c>trackingHost</c> clears it. Records that change wait to be checked.</summary>
internal static class UpdateDomain
{
    internal sealed record Request(Guid Id, Guid? CompanyId, MailHosting? MailHosting, string? TrackingHost);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request(request.Id, null, null, null))
                .WithName("trackingHost").WithMessage("Nothing to change was given.");
            RuleFor(request => request.CompanyId).NotEqual(Guid.Empty);
            RuleFor(request => request.MailHosting).IsInEnum();
            RuleFor(request => request.TrackingHost).AsTrackingHost();
        }
    }

    internal sealed class Endpoint(InfrastructureDb db, ISender modules, IOptions<DnsOptions> dns)
        : Endpoint<Request, Results<Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/domains/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.CompanyId is { } company && await modules.Send(new GetCompany(company), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            var noName = string.IsNullOrEmpty(request.TrackingHost) ? null : await modules.Send(new RequireFeature(PlanFeature.WhiteLabel), ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            if (await db.LockDomainAsync(request.Id, ct) is not { } domain)
            {
                return Problems.NotFound("Domain");
            }

            // The name that is there already may stay.
            if (noName is not null && !string.Equals(request.TrackingHost, domain.TrackingHost, StringComparison.OrdinalIgnoreCase))
            {
                return noName.ToProblem("trackingHost");
            }

            if (request.MailHosting == MailHosting.External && await HasMailboxHereAsync(domain.Id, ct))
            {
                return Problems.Conflict("Mailboxes with provider mailu take the domain's mail here: delete them first.");
            }

            Change(domain, request);
            domain.Publish(dns.Value);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(DomainResponse.Of(domain));
        }

        private Task<bool> HasMailboxHereAsync(Guid id, CancellationToken ct) =>
            db.EmailAccounts.AnyAsync(account => account.DomainId == id && account.Provider == EmailAccount.PlatformServer, ct);

        private static void Change(Domain domain, Request request)
        {
            // Another company may have a primary domain already.
            domain.IsPrimary &= request.CompanyId is null || request.CompanyId == domain.CompanyId;
            domain.CompanyId = request.CompanyId ?? domain.CompanyId;
            domain.MailHosting = request.MailHosting ?? domain.MailHosting;
            domain.TrackingHost = request.TrackingHost switch
            {
                null => domain.TrackingHost,
                "" => null,
                var host => host.ToLowerInvariant(),
            };
        }
    }
}
