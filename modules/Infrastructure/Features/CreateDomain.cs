using System.Security.Cryptography;
using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>POST /domains: adds a sending domain with a DKIM key of its own, and answers the records to publish.</summary>
internal static class CreateDomain
{
    internal sealed record Request(Guid CompanyId, string Domain);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.CompanyId).NotEmpty();
            RuleFor(request => request.Domain).Must(domain => DomainName.Normalise(domain) is not null)
                .WithMessage("'domain' must be a domain name such as example.com.");
        }
    }

    internal sealed class Endpoint(InfrastructureDb db, SecretStore secrets, TenantScope scope, ISender modules, IOptions<DnsOptions> dns)
        : Endpoint<Request, Results<Created<DomainResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/domains");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Created<DomainResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await modules.Send(new GetCompany(request.CompanyId), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            var count = await db.Domains.LongCountAsync(ct);
            if (await modules.Send(new RequireAllowance(PlanLimit.Domains, count + 1), ct) is { } refusal)
            {
                return Problems.Unprocessable("domain", refusal.Message);
            }

            return await SaveAsync(request.CompanyId, DomainName.Normalise(request.Domain)!, ct);
        }

        private async Task<Results<Created<DomainResponse>, ProblemHttpResult>> SaveAsync(Guid companyId, string name, CancellationToken ct)
        {
            using var key = RSA.Create(2048);
            var domain = Domain.Create(scope.RequiredTenantId, companyId, name, key, dns.Value);
            db.Domains.Add(domain);
            await secrets.SetAsync(domain.DkimKeyPath!, domain.TenantId, key.ExportPkcs8PrivateKeyPem(), ct);
            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                return Problems.Conflict($"The domain {name} is on the platform already.");
            }

            return TypedResults.Created($"/api/v1/domains/{domain.Id}", DomainResponse.Of(domain));
        }
    }
}
