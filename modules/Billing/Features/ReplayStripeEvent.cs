using FastEndpoints;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Billing.Payments;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;

namespace PenguinMails.Billing.Features;

/// <summary>POST /staff/billing/events/{id}/replay: applies a kept event once more. What is older than what is known changes nothing.</summary>
internal static class ReplayStripeEvent
{
    internal sealed record Request(string Id);

    internal sealed class Endpoint(StripeEvents events, StripeInbox inbox, ISender modules) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/staff/billing/events/{id}/replay");
            Policies(Staff.Contracts.Permissions.PlansManage);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await events.ReplayAsync(request.Id, ct))
            {
                return Problems.NotFound("Event");
            }

            await modules.Send(new RecordAudit("billing.replay_event", "stripe_event", request.Id), CancellationToken.None);
            return await inbox.ApplyAsync(request.Id, ct) is { } failure
                ? Problems.Conflict($"It failed again, and is tried again later: {failure}")
                : TypedResults.NoContent();
        }
    }
}
