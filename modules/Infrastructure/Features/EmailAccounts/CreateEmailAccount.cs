using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using MimeKit;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Domains;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>
/// POST /email-accounts: adds a mailbox whose servers have let us in, or with provider mailu one that is made on the platform's own
/// server; passwords go to the secret store.
/// </summary>
internal static class CreateEmailAccount
{
    /// <param name="Provider">smtp (any server) where absent, or mailu.</param>
    /// <param name="Imap">Where replies are read; absent: nowhere.</param>
    /// <param name="DailyLimit">Sends a day; 30 where absent.</param>
    /// <param name="MinGapSeconds">Between two sends; 120 where absent.</param>
    /// <param name="Warmup">Begins the warmup at once: fewer sends a day at first.</param>
    internal sealed record Request(
        Guid DomainId, string Email, string? DisplayName, string? Provider, SmtpRequest? Smtp, ImapRequest? Imap, int? DailyLimit,
        int? MinGapSeconds, bool Warmup)
    {
        public bool IsOfPlatform => Provider == EmailAccount.PlatformServer;
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.DomainId).NotEmpty();
            RuleFor(request => request.Email).Cascade(CascadeMode.Stop).NotEmpty().MaximumLength(254).Must(BeAnAddress)
                .WithMessage("'email' must be an address such as ann@example.com.");
            RuleFor(request => request.DisplayName).AsDisplayName();
            RuleFor(request => request.Provider).Must(provider => provider is null or EmailAccount.AnyServer or EmailAccount.PlatformServer)
                .WithMessage("'provider' must be smtp or mailu.");
            RuleFor(request => request.DailyLimit).AsDailyLimit();
            RuleFor(request => request.MinGapSeconds).AsMinGap();
            RuleFor(request => request.Smtp).Null().When(request => request.IsOfPlatform).WithMessage("'smtp' is the platform's own with provider mailu.");
            RuleFor(request => request.Imap).Null().When(request => request.IsOfPlatform).WithMessage("'imap' is the platform's own with provider mailu.");
            RuleFor(request => request.Smtp!).SetValidator(new SmtpValidator()).When(request => request.Smtp is not null);
            RuleFor(request => request.Imap!).SetValidator(request => new ImapValidator(request.Smtp?.HasPassword == true))
                .When(request => request.Imap is not null);
        }

        private static bool BeAnAddress(string? email) =>
            MailboxAddress.TryParse(email, out var mailbox) && mailbox.Address == email && email.Count(letter => letter == '@') == 1;
    }

    internal sealed class Endpoint(
        InfrastructureDb db, NewMailbox mailboxes, MailboxTest test, TenantScope scope, IOptions<MailOptions> mail, IOptions<MailuOptions> mailu,
        IHostEnvironment environment, TimeProvider clock) : Endpoint<Request, Results<Created<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/email-accounts");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Created<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var domain = await db.Domains.AsNoTracking().SingleOrDefaultAsync(domain => domain.Id == request.DomainId, ct);
            if (domain is null)
            {
                return Problems.NotFound("Domain");
            }

            var account = NewAccount(request, domain);
            var problem = Refuse(request, domain)
                ?? (request.IsOfPlatform ? null : await TestAsync(request, account.Email, ct))
                ?? await mailboxes.AddAsync(account, domain.Name, request, HttpContext, ct);
            return problem is not null
                ? problem
                : TypedResults.Created($"/api/v1/email-accounts/{account.Id}", EmailAccountResponse.Of(account, clock.GetUtcNow()));
        }

        private ProblemHttpResult? Refuse(Request request, Domain domain)
        {
            if (DomainName.Normalise(request.Email.Split('@')[^1]) != domain.Name)
            {
                return Problems.Unprocessable("email", $"The address must be at {domain.Name}.");
            }

            return request switch
            {
                { IsOfPlatform: true } when !mailu.Value.IsConfigured =>
                    Problems.Unprocessable("provider", "This platform has no mail server of its own: name yours with provider smtp."),
                { IsOfPlatform: true } when domain.MailHosting != MailHosting.Platform => Problems.Unprocessable(
                    "provider", $"The mail of {domain.Name} is hosted elsewhere: set the domain's mailHosting to platform, and publish its new records."),
                // Whoever cannot change the domain's DNS must not get mail at it.
                { IsOfPlatform: true } when domain.VerificationStatus != VerificationStatus.Verified =>
                    Problems.Unprocessable("domainId", $"The domain {domain.Name} must be verified before mailboxes are made for it."),
                { IsOfPlatform: false, Smtp: null } when !(environment.IsDevelopment() && mail.Value.DefaultServer is not null) =>
                    Problems.Malformed("smtp", "'smtp' must not be empty."),
                _ => null,
            };
        }

        private Task<ProblemHttpResult?> TestAsync(Request request, string email, CancellationToken ct) => test.RefuseAsync(
            new(request.Smtp?.Settings, request.Smtp?.Password),
            new(request.Imap?.SettingsFor(request.Smtp?.Username, email), request.Imap?.HasPassword == true ? request.Imap.Password : request.Smtp?.Password),
            ct);

        private EmailAccount NewAccount(Request request, Domain domain) => new()
        {
            Id = Guid.CreateVersion7(),
            TenantId = scope.RequiredTenantId,
            DomainId = domain.Id,
            Email = $"{request.Email.Split('@')[0].ToLowerInvariant()}@{domain.Name}",
            DisplayName = request.DisplayName,
            Provider = request.Provider ?? EmailAccount.AnyServer,
            DailyLimit = request.DailyLimit ?? 30,
            MinGapSeconds = request.MinGapSeconds ?? 120,
        };
    }
}
