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

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /campaigns: drafts a campaign for one of the tenant's companies.</summary>
internal static class CreateCampaign
{
    /// <param name="EmailAccountIds">The mailboxes that the leads are spread over.</param>
    /// <param name="Window">When to send; Monday to Friday 09:00 to 17:00 UTC where absent.</param>
    /// <param name="MinGapSeconds">Between two sends of one mailbox; 120 where absent.</param>
    internal sealed record Request(
        Guid CompanyId, string Name, string? Description, Guid[]? EmailAccountIds, WindowRequest? Window, int? MinGapSeconds);

    /// <param name="Timezone">IANA name, such as Europe/Zurich.</param>
    /// <param name="Days">ISO weekdays, 1 is Monday.</param>
    internal sealed record WindowRequest(string Timezone, TimeOnly Start, TimeOnly End, short[] Days);

    internal sealed record Response(Guid Id, string Name, CampaignStatus Status);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.CompanyId).NotEmpty();
            RuleFor(request => request.Name).NotEmpty().MaximumLength(200);
            RuleFor(request => request.Description).MaximumLength(10_000);
            RuleFor(request => request.MinGapSeconds).InclusiveBetween(0, 86_400);
            RuleFor(request => request.EmailAccountIds).Must(ids => ids is null || ids.Length <= 100).WithMessage("At most 100 mailboxes.");
            When(request => request.Window is not null, () =>
            {
                RuleFor(request => request.Window!.Timezone).Must(zone => zone is not null && TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
                    .WithMessage("'timezone' is an IANA name such as Europe/Zurich.");
                RuleFor(request => request.Window!.End).GreaterThan(request => request.Window!.Start);
                RuleFor(request => request.Window!.Days).NotEmpty();
                RuleForEach(request => request.Window!.Days).InclusiveBetween((short)1, (short)7);
            });
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, ISender modules)
        : Endpoint<Request, Results<Created<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/campaigns");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
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
            db.Mailboxes.AddRange(mailboxes.Select(id => new CampaignMailbox
            {
                TenantId = campaign.TenantId,
                CampaignId = campaign.Id,
                EmailAccountId = id,
            }));
            await db.SaveChangesAsync(ct);
            return TypedResults.Created($"/api/v1/campaigns/{campaign.Id}", new Response(campaign.Id, campaign.Name, campaign.Status));
        }

        private Campaign Draft(Request request)
        {
            var campaign = new Campaign
            {
                Id = Guid.CreateVersion7(),
                TenantId = scope.RequiredTenantId,
                CompanyId = request.CompanyId,
                Name = request.Name,
                Description = request.Description,
            };
            campaign.MinGapSeconds = request.MinGapSeconds ?? campaign.MinGapSeconds;
            if (request.Window is { } window)
            {
                (campaign.Timezone, campaign.WindowStart, campaign.WindowEnd, campaign.WindowDays) =
                    (window.Timezone, window.Start, window.End, window.Days);
            }

            return campaign;
        }
    }
}
