using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features;

/// <summary>POST /email-accounts: adds a mailbox whose outgoing server has let us in; the password goes to the secret store.</summary>
internal static partial class CreateEmailAccount
{
    /// <param name="DailyLimit">Sends a day; 30 where absent.</param>
    /// <param name="MinGapSeconds">Between two sends; 120 where absent.</param>
    internal sealed record Request(
        Guid DomainId, string Email, string? DisplayName, string? Provider, Smtp? Smtp, int? DailyLimit, int? MinGapSeconds);

    /// <param name="Username">Absent where the server asks for no log-in.</param>
    internal sealed record Smtp(string Host, int Port, string? Username, string? Password, SmtpSecurity Security = SmtpSecurity.Auto)
    {
        public SmtpSettings Settings => new(Host, Port, string.IsNullOrEmpty(Username) ? null : Username, Security);
    }

    internal sealed class Endpoint(
        InfrastructureDb db, SecretStore secrets, SmtpConnector connector, TenantScope scope, ISender modules, IOptions<MailOptions> mail,
        IHostEnvironment environment) : Endpoint<Request, Results<Created<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Created<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var domain = await db.Domains.Where(domain => domain.Id == request.DomainId).Select(domain => domain.Name).SingleOrDefaultAsync(ct);
            if (domain is null)
            {
                return Problems.NotFound("Domain");
            }

            return await RefuseAsync(request, domain, ct) is { } problem
                ? problem
                : await SaveAsync(NewAccount(request, domain), request.Smtp?.Password, ct);
        }

        private async Task<ProblemHttpResult?> RefuseAsync(Request request, string domain, CancellationToken ct)
        {
            if (DomainName.Normalise(request.Email.Split('@')[^1]) != domain)
            {
                return Problems.Unprocessable("email", $"The address must be at {domain}.");
            }

            if (request.Smtp is null && !(environment.IsDevelopment() && mail.Value.DefaultServer is not null))
            {
                return Problems.Malformed("smtp", "'smtp' must not be empty.");
            }

            var count = await db.EmailAccounts.LongCountAsync(ct);
            if (await modules.Send(new RequireAllowance(PlanLimit.EmailAccounts, count + 1), ct) is { } refusal)
            {
                return Problems.Unprocessable("email", refusal.Message);
            }

            return await connector.TestAsync(request.Smtp?.Settings, request.Smtp?.Password, ct) is { } failure
                ? Problems.Unprocessable(failure.Field, failure.Message)
                : null;
        }

        private EmailAccount NewAccount(Request request, string domain) => new()
        {
            Id = Guid.CreateVersion7(),
            TenantId = scope.RequiredTenantId,
            DomainId = request.DomainId,
            Email = $"{request.Email.Split('@')[0].ToLowerInvariant()}@{domain}",
            DisplayName = request.DisplayName,
            SmtpSettings = request.Smtp?.Settings,
            DailyLimit = request.DailyLimit ?? 30,
            MinGapSeconds = request.MinGapSeconds ?? 120,
        };

        private async Task<Results<Created<EmailAccountResponse>, ProblemHttpResult>> SaveAsync(
            EmailAccount account, string? password, CancellationToken ct)
        {
            db.EmailAccounts.Add(account);
            if (!string.IsNullOrEmpty(password))
            {
                await secrets.SetAsync(account.KeepPassword(), account.TenantId, password, ct);
            }

            try
            {
                await db.SaveChangesAsync(ct);
            }
            catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
            {
                return Problems.Conflict($"The mailbox {account.Email} is on the platform already.");
            }

            return TypedResults.Created($"/api/v1/email-accounts/{account.Id}", EmailAccountResponse.Of(account));
        }
    }
}
