using FastEndpoints;
using FluentValidation;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>POST /email-accounts/test: tries servers that no mailbox has yet, sending and reading nothing.</summary>
internal static class TestMailServers
{
    /// <param name="Imap">With an own user name and password where smtp has none.</param>
    internal sealed record Request(SmtpRequest? Smtp, ImapRequest? Imap);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Smtp).NotNull().When(request => request.Imap is null);
            RuleFor(request => request.Smtp!).SetValidator(new SmtpValidator()).When(request => request.Smtp is not null);
            RuleFor(request => request.Imap!)
                .SetValidator(request => new ImapValidator(request.Smtp?.HasPassword == true, !string.IsNullOrEmpty(request.Smtp?.Username)))
                .When(request => request.Imap is not null);
        }
    }

    internal sealed class Endpoint(MailboxTest test) : Endpoint<Request, TestResponse>
    {
        public override void Configure()
        {
            Post("/email-accounts/test");
            Policies(AccessPolicies.Admin);
        }

        public override Task<TestResponse> ExecuteAsync(Request request, CancellationToken ct) => test.RunAsync(
            request.Smtp is null ? null : new(request.Smtp.Settings, request.Smtp.Password),
            new(request.Imap?.SettingsFor(request.Smtp?.Username, ""), request.Imap?.HasPassword == true ? request.Imap.Password : request.Smtp?.Password),
            ct);
    }
}
