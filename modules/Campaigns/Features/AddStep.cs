using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns/{id}/steps: adds an e-mail or a wait at the end of the sequence.</summary>
internal static class AddStep
{
    /// <param name="EmailAccountId">For an e-mail; one of the campaign's mailboxes where absent.</param>
    /// <param name="WaitDurationHours">For a wait: this, or a date.</param>
    internal sealed record Request(
        Guid Id, StepType StepType, Guid? TemplateId, Guid? EmailAccountId, string? SubjectOverride, string? FromNameOverride,
        int? WaitDurationHours, DateTimeOffset? WaitUntilDate);

    internal sealed record Response(Guid Id, int StepOrder, StepType StepType);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.StepType).Must(type => type is StepType.Email or StepType.Wait).WithMessage("'stepType' is 'email' or 'wait'.");
            RuleFor(request => request.SubjectOverride).MaximumLength(500).OneLine();
            RuleFor(request => request.FromNameOverride).MaximumLength(100).OneLine();
            RuleFor(request => request.TemplateId).NotNull().When(request => request.StepType == StepType.Email);
            RuleFor(request => request.WaitDurationHours).InclusiveBetween(1, 24 * 365);
            RuleFor(request => request.WaitDurationHours)
                .Must((request, hours) => hours is null != request.WaitUntilDate is null)
                .When(request => request.StepType == StepType.Wait)
                .WithMessage("A wait has either 'waitDurationHours' or 'waitUntilDate'.");
        }
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules) : Endpoint<Request, Results<Created<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns/{id}/steps");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Campaigns.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (await RefuseAsync(campaign, request, ct) is { } refusal)
            {
                return refusal;
            }

            var orders = await db.Steps.Where(row => row.CampaignId == campaign.Id).Select(row => row.StepOrder).ToListAsync(ct);
            if (orders.Count >= Campaign.MaxSteps)
            {
                return Problems.Unprocessable("stepType", $"A campaign has at most {Campaign.MaxSteps} steps.");
            }

            var step = Make(campaign, request, orders.DefaultIfEmpty(0).Max() + 1);
            db.Steps.Add(step);
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/campaigns/{campaign.Id}", new Response(step.Id, step.StepOrder, step.StepType));
        }

        private async Task<ProblemHttpResult?> RefuseAsync(Campaign campaign, Request request, CancellationToken ct)
        {
            if (!campaign.MayBeEdited)
            {
                return Problems.Conflict("The campaign has been launched: its steps are fixed.");
            }

            if (request.SubjectOverride is { } subject && LiquidTemplates.Check(subject) is { } error)
            {
                return Problems.Unprocessable("subjectOverride", error);
            }

            if (request.TemplateId is { } template && !await db.Templates.AnyAsync(row => row.Id == template, ct))
            {
                return Problems.NotFound("Template");
            }

            return request.EmailAccountId is { } mailbox && (await modules.Send(new GetMailboxes([mailbox]), ct)).Count == 0
                ? Problems.NotFound("Mailbox")
                : null;
        }

        private static SequenceStep Make(Campaign campaign, Request request, int order) => new()
        {
            Id = Guid.CreateVersion7(),
            TenantId = campaign.TenantId,
            CampaignId = campaign.Id,
            StepOrder = order,
            StepType = request.StepType,
            TemplateId = request.TemplateId,
            EmailAccountId = request.EmailAccountId,
            SubjectOverride = request.SubjectOverride,
            FromNameOverride = request.FromNameOverride,
            WaitDurationHours = request.WaitDurationHours,
            WaitUntilDate = request.WaitUntilDate,
        };
    }
}
