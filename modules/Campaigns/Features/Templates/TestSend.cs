using System.Globalization;
using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using PenguinMails.Billing.Contracts;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>POST /templates/{id}/test-send: mails it to the caller or into a domain of the tenant, and says what the server answered.</summary>
internal static class TestSend
{
    /// <param name="LeadId">Whose values it is filled with; a sample lead's where absent.</param>
    internal sealed record Request(Guid Id, string To, Guid EmailAccountId, Guid? LeadId);

    /// <param name="Reply">The server's.</param>
    internal sealed record Response(string To, string Reply);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.To).NotEmpty().MaximumLength(254)
                .Must(to => to is null || EmailAddress.Normalise(to) is not null).WithMessage("'{PropertyName}' is not an e-mail address.");
            RuleFor(request => request.EmailAccountId).NotEmpty();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules, TestMessages messages, TestSendLimit limit, TenantScope scope)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates/{id}/test-send");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Templates.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } template)
            {
                return Problems.NotFound("Template");
            }

            if ((await modules.Send(new GetMailboxes([request.EmailAccountId]), ct)).SingleOrDefault() is not { } mailbox)
            {
                return Problems.NotFound("Mailbox");
            }

            var to = EmailAddress.Normalise(request.To)!;
            if (await RefuseAsync(to, mailbox, ct) is { } refusal)
            {
                return refusal;
            }

            try
            {
                return await messages.ComposeAsync(template, mailbox, to, request.LeadId, ct) is { } message
                    ? await SendAsync(mailbox.Id, to, message, ct)
                    : Problems.NotFound("Lead");
            }
            catch (TemplateFaultException fault)
            {
                return Problems.Unprocessable("leadId", fault.Message);
            }
        }

        private async Task<ProblemHttpResult?> RefuseAsync(string to, MailboxDetails mailbox, CancellationToken ct)
        {
            if (await modules.Send(new GetSendingPermission(), ct) is { MaySend: false } permission)
            {
                return Problems.Unprocessable("subscription", permission.Reason ?? "The subscription does not allow sending.");
            }

            if (!mailbox.Usable)
            {
                return Problems.Unprocessable("emailAccountId", mailbox.Problem!);
            }

            return await messages.MayGoToAsync(to, ct)
                ? null
                : Problems.Unprocessable("to", "A test goes to your own verified address or to one at a verified domain of yours.");
        }

        private async Task<Results<Ok<Response>, ProblemHttpResult>> SendAsync(Guid mailbox, string to, MimeMessage message, CancellationToken ct)
        {
            if (limit.Take(scope.UserId ?? scope.RequiredTenantId) is { } wait)
            {
                return TooMany(wait);
            }

            var turns = await modules.Send(new ReserveSend(mailbox, MinGapSeconds: 0, [EmailAddress.DomainOf(to)]), ct);
            if (turns is not [{ Granted: true } turn])
            {
                return Problems.Unprocessable("emailAccountId", turns[0].Reason!);
            }

            var outcome = await modules.Send(new SendMail(mailbox, message, turn.SmtpIpAddressId), ct);
            // It was sent, whatever becomes of the request.
            await CountAsync(outcome.Result, mailbox, turn.SmtpIpAddressId, to, CancellationToken.None);
            return outcome.Result switch
            {
                SendResult.Accepted => TypedResults.Ok(new Response(to, outcome.Reply)),
                SendResult.Rejected or SendResult.Deferred => Problems.Unprocessable("to", $"The server refused it: {outcome.Reply}"),
                SendResult.InDoubt => BadGateway($"It may or may not have arrived: {outcome.Reply}"),
                _ => BadGateway($"The mailbox's server was not reached: {outcome.Reply}"),
            };
        }

        // As a campaign's messages are: it uses the same quota and reputation.
        private async Task CountAsync(SendResult result, Guid mailbox, Guid? addressId, string to, CancellationToken ct)
        {
            if (result == SendResult.Accepted)
            {
                await modules.Send(new CountUsage(UsageMetrics.Emails, 1), ct);
            }

            await modules.Send(new RecordDeliveries(
                [.. DeliveryTally.KindsOf(result).Select(kind => new Delivery(mailbox, addressId, EmailAddress.DomainOf(to), kind))]), ct);
        }

        private ProblemHttpResult TooMany(TimeSpan wait)
        {
            var seconds = ((int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            var headers = HttpContext.Response.Headers;
            headers["RateLimit-Limit"] = limit.Most.ToString(CultureInfo.InvariantCulture);
            headers["RateLimit-Remaining"] = "0";
            headers["RateLimit-Reset"] = seconds;
            headers.RetryAfter = seconds;
            return TypedResults.Problem(
                title: $"More than {limit.Most} test messages an hour: try again later.", statusCode: StatusCodes.Status429TooManyRequests);
        }

        private static ProblemHttpResult BadGateway(string title) => TypedResults.Problem(title: title, statusCode: StatusCodes.Status502BadGateway);
    }
}
