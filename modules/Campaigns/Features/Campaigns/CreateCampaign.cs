using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Shared;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Campaigns;

/// <summary>POST /campaigns: drafts a campaign for one of the tenant's companies.</summary>
internal static class CreateCampaign
{
    internal sealed record Request : CampaignSettings
    {
        public Guid CompanyId { get; init; }
        public string Name { get; init; } = "";
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.CompanyId).NotEmpty();
            RuleFor(request => request.Name).NotEmpty().MaximumLength(200);
            this.AddSettingsRules();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Created<CampaignResponse>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<CampaignResponse>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await modules.Send(new GetCompany(request.CompanyId), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            var mailboxes = request.EmailAccountIds?.Distinct().ToArray() ?? [];
            if ((await modules.Send(new GetMailboxes(mailboxes), ct)).Count < mailboxes.Length)
            {
                return Problems.NotFound("Mailbox");
            }

            var campaign = Draft(request);
            db.Campaigns.Add(campaign);
            db.Mailboxes.AddRange(mailboxes.Select(id => CampaignMailbox.Of(campaign, id)));
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/campaigns/{campaign.Id}", await CampaignResponse.ReadAsync(db, campaign.Id, ct));
        }

        private Campaign Draft(Request request)
        {
            var campaign = new Campaign
            {
                Id = Guid.CreateVersion7(clock.GetUtcNow()),
                TenantId = scope.RequiredTenantId,
                CompanyId = request.CompanyId,
                Name = request.Name,
            };
            request.ApplyTo(campaign);
            return campaign;
        }
    }
}
