using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>GET /campaigns/{id}/messages: what was sent to whom, and what came of it.</summary>
internal static class ListMessages
{
    internal sealed record Request : IPageRequest
    {
        public Guid Id { get; init; }

        [QueryParam]
        public int? Limit { get; init; }

        [QueryParam]
        public string? Cursor { get; init; }

        /// <summary>Only those in this state, <c>in_doubt</c> for example.</summary>
        [QueryParam]
        public string? Status { get; init; }
    }

    internal sealed record Item(
        Guid Id, Guid? StepId, string ToAddress, string FromAddress, string Subject, MessageStatus Status, int Attempts,
        string MessageId, string? SmtpResponse, string? Error, DateTimeOffset? Sent, DateTimeOffset Created);

    internal sealed class Validator : PageValidator<Request>
    {
        public Validator() => RuleFor(request => request.Status).Must(status => status is null || SnakeCase.Knows<MessageStatus>(status))
            .WithMessage("'status' is not a state of a message.");
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<Page<Item>>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Get("/campaigns/{id}/messages");
            Policies(AccessPolicies.Viewer);
        }

        public override async Task<Results<Ok<Page<Item>>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Campaigns.AnyAsync(campaign => campaign.Id == request.Id, ct)
                ? TypedResults.Ok(await PageOfAsync(request, ct))
                : Problems.NotFound("Campaign");

        private Task<Page<Item>> PageOfAsync(Request request, CancellationToken ct)
        {
            MessageStatus? status = request.Status is null ? null : SnakeCase.Parse<MessageStatus>(request.Status);
            return db.Messages
                .Where(message => message.CampaignId == request.Id && message.Kind == MessageKind.Campaign && (status == null || message.Status == status))
                .ToPageAsync(
                    request,
                    message => message.Id,
                    message => new Item(
                        message.Id, message.StepId, message.ToAddress, message.FromAddress, message.Subject, message.Status,
                        message.Attempts, message.MessageId, message.SmtpResponse, message.Error, message.Sent, message.Created),
                    item => item.Id,
                    ct);
        }
    }
}
