using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns/{id}/messages/{messageId}/resend or /skip: a person settles a message that is in doubt.</summary>
internal static class SettleMessage
{
    internal sealed record Request(Guid Id, Guid MessageId, string Action);

    internal sealed record Response(Guid Id, MessageStatus Status);

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/messages/{messageId}/{action:regex(^(resend|skip)$)}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var message = await db.Messages.SingleOrDefaultAsync(row => row.Id == request.MessageId && row.CampaignId == request.Id && row.Kind == MessageKind.Campaign, ct);
            if (message is null)
            {
                return Problems.NotFound("Message");
            }

            if (message.Status != MessageStatus.InDoubt)
            {
                return Problems.Conflict("Only a message in doubt can be settled.");
            }

            var now = clock.GetUtcNow();
            var enrollment = await db.Enrollments.SingleAsync(row => row.Id == message.CampaignLeadId, ct);
            if (enrollment.Status == EnrollmentStatus.Exited && request.Action == "resend")
            {
                return Problems.Conflict("The lead has left the campaign meanwhile: the message can only be skipped.");
            }

            if (request.Action == "resend")
            {
                // The same Message-ID: a receiver that has it already can tell.
                message.Settle(MessageStatus.Queued, "Resent on request.", now);
                enrollment.Resume(now);
            }
            else
            {
                var step = await db.Steps.SingleAsync(row => row.Id == message.StepId, ct);
                message.Settle(MessageStatus.Skipped, "Skipped on request.", now);
                if (enrollment.Status != EnrollmentStatus.Exited)
                {
                    enrollment.MoveOn(step, now);
                }
            }

            (await db.Campaigns.SingleAsync(row => row.Id == request.Id, ct)).Reopen(now);
            await db.SaveChangesAsync(ct);
            return TypedResults.Ok(new Response(message.Id, message.Status));
        }
    }
}
