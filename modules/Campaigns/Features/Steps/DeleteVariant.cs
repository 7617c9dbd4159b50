using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Steps;

/// <summary>DELETE /campaigns/{id}/steps/{stepId}/variants/{variantId}: one that nobody was sent; others get the weight 0.</summary>
internal static class DeleteVariant
{
    internal sealed record Request(Guid Id, Guid StepId, Guid VariantId);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/campaigns/{id}/steps/{stepId}/variants/{variantId}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            var (_, step, refusal) = await HeldStep.FindAsync(db, request.Id, request.StepId, ct);
            if (refusal is not null)
            {
                return refusal;
            }

            if (await db.Variants.SingleOrDefaultAsync(row => row.Id == request.VariantId && row.StepId == step.Id, ct) is not { } variant)
            {
                return Problems.NotFound("Variant");
            }

            if (await db.Messages.AnyAsync(message => message.StepId == step.Id && message.VariantId == variant.Id, ct))
            {
                return Problems.Conflict("The variant has been sent, and its numbers are kept: give it the weight 0 instead.");
            }

            db.Variants.Remove(variant);
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.NoContent();
        }
    }
}
