using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Features.Leads;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>POST /suppressions: addresses that are not written to any more, by the tenant or one company of it; campaigns leave them at once.</summary>
internal static class AddSuppressions
{
    /// <param name="Email">This one, or those of <paramref name="Emails"/>.</param>
    /// <param name="CompanyId">Absent: by no company of the tenant.</param>
    /// <param name="Reason">manual where absent.</param>
    internal sealed record Request(string? Email, string[]? Emails, Guid? CompanyId, string? Reason, string? Note);

    /// <param name="Added">How many were new.</param>
    /// <param name="Known">How many were suppressed in this scope before, or given twice.</param>
    /// <param name="Exited">How many ways through campaigns ended.</param>
    internal sealed record Response(int Added, int Known, int Exited);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.Email).AsAddress().When(request => request.Emails is null || request.Email is not null);
            RuleFor(request => request.Emails).Null().When(request => request.Email is not null).WithMessage("Either 'email' or 'emails'.");
            RuleFor(request => request.Emails).AsAddresses();
            RuleFor(request => request.Reason).AsGivenReason();
            RuleFor(request => request.Note).MaximumLength(255);
        }
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/suppressions");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.CompanyId is { } company && await modules.Send(new GetCompany(company), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            var emails = request.Emails ?? [request.Email!];
            var reason = request.Reason is { } given ? SnakeCase.Parse<SuppressionReason>(given) : SuppressionReason.Manual;
            var counts = await Suppression.AddAllAsync(
                db, scope.RequiredTenantId, emails.Select(email => EmailAddress.Normalise(email)!),
                new SuppressionOrder(request.CompanyId, reason, request.Note), clock.GetUtcNow(), ct);
            return TypedResults.Ok(new Response(counts.Added, emails.Length - counts.Added, counts.Exited));
        }
    }
}
