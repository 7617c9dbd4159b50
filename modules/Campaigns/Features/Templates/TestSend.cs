using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using MimeKit;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
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

    internal sealed class Endpoint(CampaignsDb db, ISender modules, TestMessages messages, TestDelivery delivery, TestSendLimit limit, TenantScope scope)
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
            if ((await delivery.RefuseAsync(to, ct) ?? TestDelivery.RefuseMailbox(mailbox)) is { } refusal)
            {
                return refusal;
            }

            try
            {
                return await messages.ComposeAsync(new(template), mailbox, to, request.LeadId, ct) is { } message
                    ? await SendAsync(mailbox.Id, to, message, ct)
                    : Problems.NotFound("Lead");
            }
            catch (TemplateFaultException fault)
            {
                return Problems.Unprocessable("leadId", fault.Message);
            }
        }

        private async Task<Results<Ok<Response>, ProblemHttpResult>> SendAsync(Guid mailbox, string to, MimeMessage message, CancellationToken ct)
        {
            if (limit.Take(scope.UserId ?? scope.RequiredTenantId) is { } wait)
            {
                return limit.TooMany(wait, HttpContext.Response);
            }

            var outcome = await delivery.SendAsync(mailbox, to, message, ct);
            return outcome.Result switch
            {
                SendResult.Accepted => TypedResults.Ok(new Response(to, outcome.Reply)),
                SendResult.Rejected or SendResult.Deferred => Problems.Unprocessable("to", $"The server refused it: {outcome.Reply}"),
                null => Problems.Unprocessable("emailAccountId", outcome.Reply),
                SendResult.InDoubt => BadGateway($"It may or may not have arrived: {outcome.Reply}"),
                _ => BadGateway($"The mailbox's server was not reached: {outcome.Reply}"),
            };
        }

        private static ProblemHttpResult BadGateway(string title) => TypedResults.Problem(title: title, statusCode: StatusCodes.Status502BadGateway);
    }
}
