using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Sending;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>PATCH /campaigns/{id}: changes what is given. Once it is launched its company is fixed, once completed all of it.</summary>
internal static class UpdateCampaign
{
    internal sealed record Request : CampaignSettings
    {
        public Guid Id { get; init; }
        public Guid? CompanyId { get; init; }
        public string? Name { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request { Id = request.Id })
                .OverridePropertyName("name").WithMessage("Nothing to change was given.");
            RuleFor(request => request.Name).NotEmpty().MaximumLength(200).When(request => request.Name is not null);
            this.AddSettingsRules();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<CampaignResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/campaigns/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (!await db.Campaigns.AnyAsync(row => row.Id == request.Id, ct))
            {
                return Problems.NotFound("Campaign");
            }

            if (request.CompanyId is { } company && await modules.Send(new GetCompany(company), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            var ids = request.EmailAccountIds?.Distinct().ToArray();
            var pool = ids is null ? null : await modules.Send(new GetMailboxes(ids), ct);
            return pool?.Count < ids?.Length ? Problems.NotFound("Mailbox") : await ChangeAsync(request, pool, ct);
        }

        private async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> ChangeAsync(
            Request request, IReadOnlyList<MailboxDetails>? pool, CancellationToken ct)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            if (await db.LockCampaignAsync(request.Id, ct) is not { } campaign)
            {
                return Problems.NotFound("Campaign");
            }

            if (Refuse(request, campaign, pool) is { } refusal)
            {
                return refusal;
            }

            (campaign.CompanyId, campaign.Name) = (request.CompanyId ?? campaign.CompanyId, request.Name ?? campaign.Name);
            request.ApplyTo(campaign);
            if (!campaign.MayBeEdited && await UntrackedAsync(campaign, ct) is { Length: > 0 } untracked)
            {
                return Problems.Unprocessable("conditions", untracked[0]);
            }

            await SpreadAsync(campaign, pool, ct);
            campaign.LookAgain(clock.GetUtcNow());
            await db.SaveChangesAsync(ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(await CampaignResponse.ReadAsync(db, campaign.Id, ct));
        }

        private static ProblemHttpResult? Refuse(Request request, Campaign campaign, IReadOnlyList<MailboxDetails>? pool) => campaign switch
        {
            { MayBeEdited: true } => null,
            { Status: CampaignStatus.Completed } => Problems.Conflict("The campaign is completed: it can only be read and cloned."),
            _ when request.CompanyId is { } company && company != campaign.CompanyId => Problems.Conflict(
                $"The campaign is {campaign.StateInWords}: its company is fixed. Name, description, mailboxes, window, limits, tracking and stops may be changed."),
            _ when pool is not null && !pool.Any(mailbox => mailbox.Usable) => Problems.Unprocessable(
                "emailAccountIds", $"The campaign is {campaign.StateInWords}: at least one usable mailbox must stay."),
            _ => null,
        };

        // What runs must not begin to wait for opens that nobody sees.
        private async Task<string[]> UntrackedAsync(Campaign campaign, CancellationToken ct) =>
            SequenceCheck.Untracked(campaign, await db.Steps.AsNoTracking().Where(step => step.CampaignId == campaign.Id).ToListAsync(ct));

        // Leads that were written to keep their mailbox.
        private async Task SpreadAsync(Campaign campaign, IReadOnlyList<MailboxDetails>? pool, CancellationToken ct)
        {
            if (pool is null)
            {
                return;
            }

            var now = await db.Mailboxes.Where(row => row.CampaignId == campaign.Id).ToListAsync(ct);
            db.Mailboxes.RemoveRange(now.Where(row => pool.All(mailbox => mailbox.Id != row.EmailAccountId)));
            db.Mailboxes.AddRange(pool.Where(mailbox => now.All(row => row.EmailAccountId != mailbox.Id))
                .Select(mailbox => CampaignMailbox.Of(campaign, mailbox.Id)));
        }
    }
}
