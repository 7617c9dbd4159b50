using System.Text.Json;
using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>POST /leads: one contact, whose address nobody else of the tenant has and nobody has suppressed.</summary>
internal static class CreateLead
{
    internal sealed record Request(
        string Email, string? Name, string? FirstName, string? LastName, string? Company, string? Timezone, Dictionary<string, string>? Attributes);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).AsAddress();
            RuleFor(request => request.Name).MaximumLength(200);
            RuleFor(request => request.FirstName).MaximumLength(100);
            RuleFor(request => request.LastName).MaximumLength(100);
            RuleFor(request => request.Company).MaximumLength(200);
            RuleFor(request => request.Timezone).MaximumLength(100).AsZone();
            RuleFor(request => request.Attributes).AsAttributes();
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, ISender modules) : Endpoint<Request, Results<Created<LeadView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/leads");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Created<LeadView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            var lead = Make(request);
            if (await db.Database.SqlQuery<string>($"SELECT suppressed_among({lead.TenantId}, ARRAY[{lead.Email}]) AS \"Value\"").AnyAsync(ct))
            {
                return Problems.Unprocessable("email", "The address is suppressed: it is not written to any more.");
            }

            return await AddAsync(lead, ct) is { } problem
                ? problem
                : TypedResults.Created($"/api/v1/leads/{lead.Id}", await LeadView.ReadAsync(db, lead.Id, ct));
        }

        private async Task<ProblemHttpResult?> AddAsync(Lead lead, CancellationToken ct)
        {
            var allowance = await modules.Send(new RequireAllowance(PlanLimit.Contacts), ct);
            await using var transaction = await db.Database.BeginTransactionAsync(ct);
            db.Leads.Add(lead);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("There is a lead of this address.");
            }

            // Not before: an import may have the same address in hand, and it takes this lock last as well.
            await db.LockContactsAsync(lead.TenantId, ct);
            if (allowance.Refuse(await db.Leads.LongCountAsync(ct) - 1) is { } refusal)
            {
                return refusal.ToProblem("email");
            }

            await transaction.CommitAsync(ct);
            return null;
        }

        private Lead Make(Request request) => new()
        {
            Id = Guid.CreateVersion7(),
            TenantId = scope.RequiredTenantId,
            Email = EmailAddress.Normalise(request.Email)!,
            Name = request.Name ?? (request.FirstName is null && request.LastName is null ? null : $"{request.FirstName} {request.LastName}".Trim()),
            FirstName = request.FirstName,
            LastName = request.LastName,
            Company = request.Company,
            Timezone = request.Timezone,
            Attributes = JsonSerializer.Serialize(request.Attributes ?? []),
        };
    }
}
