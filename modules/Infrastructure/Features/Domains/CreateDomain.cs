using System.Security.Cryptography;
using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.Domains;

/// <summary>
/// POST /domains: adds a sending domain with a DKIM key of its own, and answers the records to publish. Asked again, it answers the
/// domain as it is.
/// </summary>
internal static class CreateDomain
{
    /// <param name="MailHosting">Whose server takes its mail; external where absent.</param>
    /// <param name="TrackingHost">Such as <c>track</c>, for links that lead through the domain; absent: none.</param>
    internal sealed record Request(Guid CompanyId, string Domain, MailHosting? MailHosting, string? TrackingHost);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.CompanyId).NotEmpty();
            RuleFor(request => request.Domain).Must(domain => DomainName.Normalise(domain) is not null)
                .WithMessage("'domain' must be a domain name such as example.com.");
            RuleFor(request => request.MailHosting).IsInEnum();
            RuleFor(request => request.TrackingHost).AsTrackingHost();
        }
    }

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets, TenantScope scope, ISender modules, IOptions<DnsOptions> dns)
        : Endpoint<Request, Results<Created<DomainResponse>, Ok<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Created<DomainResponse>, Ok<DomainResponse>, ProblemHttpResult>> ExecuteAsync(
            Request request, CancellationToken ct)
        {
            if (await modules.Send(new GetCompany(request.CompanyId), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            var name = DomainName.Normalise(request.Domain)!;
            var allowance = await modules.Send(new RequireAllowance(PlanLimit.Domains), ct);
            var noName = string.IsNullOrEmpty(request.TrackingHost) ? null : await modules.Send(new RequireFeature(PlanFeature.WhiteLabel), ct);
            await using var transaction = await TenantTransaction.BeginAsync(db, ct);
            // One at a time: what is counted stays so.
            await db.LockAsync($"domains of:{scope.RequiredTenantId}", ct);
            if (await db.Domains.AsNoTracking().SingleOrDefaultAsync(domain => domain.Name == name && domain.CompanyId == request.CompanyId, ct) is { } known)
            {
                return IsAsAsked(known, request)
                    ? TypedResults.Ok(DomainResponse.Of(known))
                    : Problems.Conflict($"The domain {name} is there with other settings, which PATCH changes.");
            }

            return (noName?.ToProblem("trackingHost") ?? await RefuseAsync(name, allowance, ct)) is { } problem ? problem : await SaveAsync(request, name, transaction, ct);
        }

        // What the request leaves out may be as it is.
        private static bool IsAsAsked(Domain known, Request request) =>
            (request.MailHosting ?? known.MailHosting) == known.MailHosting
            && (request.TrackingHost is null || TrackingHostOf(request) == known.TrackingHost);

        private static string? TrackingHostOf(Request request) =>
            string.IsNullOrEmpty(request.TrackingHost) ? null : request.TrackingHost.ToLowerInvariant();

        private async Task<ProblemHttpResult?> RefuseAsync(string name, Allowance allowance, CancellationToken ct)
        {
            if (PublicSuffixes.Contain(name))
            {
                return Problems.Unprocessable("domain", $"Anybody can register names below {name}: add one of your own, such as example.{name}.");
            }

            return allowance.Refuse(await db.Domains.LongCountAsync(ct))?.ToProblem("domain");
        }

        private async Task<Results<Created<DomainResponse>, Ok<DomainResponse>, ProblemHttpResult>> SaveAsync(
            Request request, string name, TenantTransaction transaction, CancellationToken ct)
        {
            using var key = RSA.Create(Domain.KeyBits);
            var domain = Domain.Create(
                scope.RequiredTenantId, request.CompanyId, name, request.MailHosting ?? MailHosting.External,
                TrackingHostOf(request), key, dns.Value);
            db.Domains.Add(domain);
            await secrets.SetAsync(domain.DkimKeyPath!, domain.TenantId, key.ExportPkcs8PrivateKeyPem(), ct);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict($"The domain {name} is on the platform already.");
            }

            await transaction.CommitAsync(ct);
            return TypedResults.Created($"/api/v1/domains/{domain.Id}", DomainResponse.Of(domain));
        }
    }
}
