using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Infrastructure.Secrets;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>PATCH /email-accounts/{id}: changes what is given; servers only once the new ones have let us in. An empty display name clears it.</summary>
internal static class UpdateEmailAccount
{
    /// <param name="Smtp">Replaces the outgoing server as a whole, password included.</param>
    /// <param name="Imap">Replaces the incoming server; it needs a password unless smtp comes with one.</param>
    /// <param name="RemoveImap">Replies are read no more.</param>
    /// <param name="RotatePassword">Of a mailbox on the platform's own server: gives it a new password there.</param>
    internal sealed record Request(
        Guid Id, string? DisplayName, int? DailyLimit, int? MinGapSeconds, SmtpRequest? Smtp, ImapRequest? Imap, bool RemoveImap, bool RotatePassword)
    {
        public bool ChangesServers => Smtp is not null || Imap is not null || RemoveImap;
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request(request.Id, null, null, null, null, null, false, false))
                .WithName("displayName").WithMessage("Nothing to change was given.");
            RuleFor(request => request.DisplayName).AsDisplayName();
            RuleFor(request => request.DailyLimit).AsDailyLimit();
            RuleFor(request => request.MinGapSeconds).AsMinGap();
            RuleFor(request => request.RemoveImap).Equal(false).When(request => request.Imap is not null)
                .WithMessage("'removeImap' and 'imap' exclude each other.");
            RuleFor(request => request.Smtp!).SetValidator(new SmtpValidator()).When(request => request.Smtp is not null);
            RuleFor(request => request.Imap!).SetValidator(request => new ImapValidator(request.Smtp?.HasPassword == true))
                .When(request => request.Imap is not null);
        }
    }

    internal sealed class Endpoint(
        InfrastructureDb db, SecretStore secrets, MailboxTest test, MailuClient mailu, ChangeFeed changes, TimeProvider clock)
        : Endpoint<Request, Results<Ok<EmailAccountResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/email-accounts/{id}");
            Policies(AccessPolicies.Admin);
        }

        public override async Task<Results<Ok<EmailAccountResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.EmailAccounts.SingleOrDefaultAsync(account => account.Id == request.Id, ct) is not { } account)
            {
                return Problems.NotFound("Mailbox");
            }

            if (Refuse(request, account) is { } problem)
            {
                return problem;
            }

            var fault = request.RotatePassword ? await RotateAsync(account, ct) : await ChangeServersAsync(request, account, ct);
            if (fault is not null)
            {
                return fault;
            }

            account.DisplayName = request.DisplayName is null ? account.DisplayName : request.DisplayName.Length == 0 ? null : request.DisplayName;
            account.DailyLimit = request.DailyLimit ?? account.DailyLimit;
            account.MinGapSeconds = request.MinGapSeconds ?? account.MinGapSeconds;
            await db.SaveChangesAsync(ct);
            if (request.ChangesServers || request.RotatePassword)
            {
                // An inbox that could not be read may be now: it need not wait for its next attempt.
                await db.MailboxReaders.Where(reader => reader.EmailAccountId == account.Id)
                    .ExecuteUpdateAsync(reader => reader.SetProperty(row => row.NextRead, clock.GetUtcNow()), ct);
            }

            // Connections with the old settings end, on all hosts.
            await changes.TellAsync(account.Id);
            return TypedResults.Ok(EmailAccountResponse.Of(account, clock.GetUtcNow()));
        }

        private static ProblemHttpResult? Refuse(Request request, EmailAccount account) => (account.Provider, request) switch
        {
            (EmailAccount.PlatformServer, { ChangesServers: true }) => Problems.Unprocessable(
                request.Smtp is not null ? "smtp" : "imap", "The servers of a mailbox with provider mailu are the platform's own."),
            (not EmailAccount.PlatformServer, { RotatePassword: true }) =>
                Problems.Unprocessable("rotatePassword", "Change the password at your provider, and send it in smtp."),
            (_, { Smtp.HasPassword: false, Imap: null, RemoveImap: false }) when account is { ImapSettings: not null, ImapKeyPath: null } =>
                Problems.Unprocessable("imap", "Replies were read with the outgoing server's password: name an own one in imap, or remove it."),
            _ => null,
        };

        private async Task<ProblemHttpResult?> ChangeServersAsync(Request request, EmailAccount account, CancellationToken ct)
        {
            if (!request.ChangesServers)
            {
                return null;
            }

            var smtpUsername = request.Smtp is null ? account.SmtpSettings?.Username : request.Smtp.Username;
            var imap = request.RemoveImap ? null : request.Imap?.SettingsFor(smtpUsername, account.Email) ?? account.ImapSettings;
            // What is not changed keeps its password, unless it is SMTP's.
            var imapPassword = request.Imap?.HasPassword == true ? request.Imap.Password
                : request.Smtp is not null && (request.Imap is not null || account.ImapKeyPath is null) ? request.Smtp.Password
                : await secrets.ImapPasswordAsync(account, ct);
            var problem = await test.RefuseAsync(
                request.Smtp is null ? null : new(request.Smtp.Settings, request.Smtp.Password), new(imap, imapPassword), ct);
            if (problem is null && request.Smtp is not null)
            {
                await secrets.SetSmtpAsync(account, request.Smtp.Settings, request.Smtp.Password, ct);
            }

            if (problem is null && (request.Imap is not null || request.RemoveImap))
            {
                await secrets.SetImapAsync(account, imap, request.Imap?.Password, ct);
            }

            return problem;
        }

        private async Task<ProblemHttpResult?> RotateAsync(EmailAccount account, CancellationToken ct)
        {
            var (domain, password) = (account.Email.Split('@')[1], MailuClient.NewPassword());
            if (await mailu.MakeAsync(account, domain, password, ct) is { } fault)
            {
                return fault.ToProblem(HttpContext);
            }

            await secrets.SetSmtpAsync(account, account.SmtpSettings, password, ct);
            return null;
        }
    }
}
