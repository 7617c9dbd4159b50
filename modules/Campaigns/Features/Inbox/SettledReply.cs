using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Inbox;

/// <param name="Status">sent, or in_doubt: it may or may not have arrived, and a person decides.</param>
/// <param name="Reply">The server's.</param>
internal sealed record SettledReply(Guid Id, MessageStatus Status, string? Reply)
{
    public static Results<Ok<SettledReply>, ProblemHttpResult> Of(EmailMessage message, SendOutcome outcome) => outcome.Result switch
    {
        SendResult.Accepted or SendResult.InDoubt => TypedResults.Ok(new SettledReply(message.Id, message.Status, outcome.Reply)),
        SendResult.Rejected or SendResult.Deferred => Problems.Unprocessable("to", $"The server refused it: {outcome.Reply}"),
        _ => TypedResults.Problem(title: $"The mailbox's server was not reached: {outcome.Reply}", statusCode: StatusCodes.Status502BadGateway),
    };

    /// <summary>Of one that was sent before.</summary>
    public static Results<Ok<SettledReply>, ProblemHttpResult> Of(EmailMessage earlier) => earlier.Status == MessageStatus.Bounced
        ? Problems.Unprocessable("to", $"The server refused it: {earlier.Error}")
        : TypedResults.Ok(new SettledReply(earlier.Id, earlier.Status, earlier.Error));
}
