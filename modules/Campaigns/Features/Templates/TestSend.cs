using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using PenguinMails.Campaigns.Data;
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
            RuleFor(request => request.To).NotEmpty().MaximumLength(254).EmailAddress().OneLine();
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

            if (await RefuseAsync(request, mailbox, ct) is { } refusal)
            {
                return refusal;
            }

            try
            {
                return await messages.ComposeAsync(template, mailbox, request.To, request.LeadId, ct) is { } message
                    ? await SendAsync(request, message, ct)
                    : Problems.NotFound("Lead");
            }
            catch (TemplateFaultException fault)
            {
                return Problems.Unprocessable("leadId", fault.Message);
            }
        }

        private async Task<ProblemHttpResult?> RefuseAsync(Request request, MailboxDetails mailbox, CancellationToken ct)
        {
            if (!mailbox.Usable)
            {
                return Problems.Unprocessable("emailAccountId", mailbox.Problem!);
            }

            return await messages.MayGoToAsync(request.To, ct)
                ? null
                : Problems.Unprocessable("to", "A test goes to your own verified address or to one at a verified domain of yours.");
        }

        private async Task<Results<Ok<Response>, ProblemHttpResult>> SendAsync(Request request, MimeMessage message, CancellationToken ct)
        {
            if (!limit.Take(scope.UserId ?? scope.RequiredTenantId))
            {
                HttpContext.Response.Headers.RetryAfter = "3600";
                return TypedResults.Problem(
                    title: $"More than {limit.PerHour} test messages an hour: try again later.", statusCode: StatusCodes.Status429TooManyRequests);
            }

            var turns = await modules.Send(new ReserveSend(request.EmailAccountId, MinGapSeconds: 0, [request.To.Split('@')[^1]]), ct);
            if (turns is not [{ Granted: true } turn])
            {
                return Problems.Unprocessable("emailAccountId", turns[0].Reason!);
            }

            var outcome = await modules.Send(new SendMail(request.EmailAccountId, message, turn.SmtpIpAddressId), ct);
            return outcome.Result switch
            {
                SendResult.Accepted => TypedResults.Ok(new Response(request.To, outcome.Reply)),
                SendResult.Rejected or SendResult.Deferred => Problems.Unprocessable("to", $"The server refused it: {outcome.Reply}"),
                SendResult.InDoubt => BadGateway($"It may or may not have arrived: {outcome.Reply}"),
                _ => BadGateway($"The mailbox's server was not reached: {outcome.Reply}"),
            };
        }

        private static ProblemHttpResult BadGateway(string title) => TypedResults.Problem(title: title, statusCode: StatusCodes.Status502BadGateway);
    }
}
