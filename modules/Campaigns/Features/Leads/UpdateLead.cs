using System.Text.Json;
using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>PATCH /leads/{id}: changes what is given; an empty text clears it, a custom field too.</summary>
internal static class UpdateLead
{
    /// <param name="Status">active or archived; what became of a lead otherwise is not to be changed.</param>
    internal sealed record Request(
        Guid Id, string? Email, string? Name, string? FirstName, string? LastName, string? Company, string? Timezone, string? Status,
        Dictionary<string, string>? Attributes);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request).Must(request => request != new Request(request.Id, null, null, null, null, null, null, null, null))
                .WithName("email").WithMessage("Nothing to change was given.");
            RuleFor(request => request.Email).AsAddress().When(request => request.Email is not null);
            RuleFor(request => request.Name).MaximumLength(200);
            RuleFor(request => request.FirstName).MaximumLength(100);
            RuleFor(request => request.LastName).MaximumLength(100);
            RuleFor(request => request.Company).MaximumLength(200);
            RuleFor(request => request.Timezone).MaximumLength(100).AsZone();
            RuleFor(request => request.Status).Must(status => status is null or "active" or "archived").WithMessage("'status' is active or archived.");
            RuleFor(request => request.Attributes).AsAttributes();
        }
    }

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<Ok<LeadView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Patch("/leads/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<LeadView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (await db.Leads.SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } lead)
            {
                return Problems.NotFound("Lead");
            }

            if (request.Status is { } status && !lead.Archive(status == "archived"))
            {
                return Problems.Conflict($"The lead is {SnakeCase.Of(lead.Status)}.");
            }

            Change(lead, request);
            return await db.SaveUniqueAsync(ct) is null
                ? TypedResults.Ok(await LeadView.ReadAsync(db, lead.Id, ct))
                : Problems.Conflict("There is a lead of this address.");
        }

        private static void Change(Lead lead, Request request)
        {
            lead.Email = request.Email is { } email ? EmailAddress.Normalise(email)! : lead.Email;
            lead.Name = Changed(request.Name, lead.Name);
            lead.FirstName = Changed(request.FirstName, lead.FirstName);
            lead.LastName = Changed(request.LastName, lead.LastName);
            lead.Company = Changed(request.Company, lead.Company);
            lead.Timezone = Changed(request.Timezone, lead.Timezone);
            if (request.Attributes is { } given)
            {
                var fields = JsonSerializer.Deserialize<Dictionary<string, string>>(lead.Attributes) ?? [];
                given.ToList().ForEach(field => fields[field.Key] = field.Value);
                lead.Attributes = JsonSerializer.Serialize(fields.Where(field => field.Value.Length > 0).ToDictionary());
            }
        }

        private static string? Changed(string? given, string? current) => given is null ? current : given.Length == 0 ? null : given;
    }
}
