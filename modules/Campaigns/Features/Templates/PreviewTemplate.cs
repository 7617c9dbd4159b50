using FastEndpoints;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>POST /templates/{id}/preview: what a lead would get, or a sample lead.</summary>
internal static class PreviewTemplate
{
    /// <param name="LeadId">One of the tenant's; a sample lead where absent.</param>
    /// <param name="StepId">The alternatives are those of this step.</param>
    /// <param name="Sample">Values that stand in for the lead's: <c>first_name</c>, <c>custom.city</c>.</param>
    internal sealed record Request(Guid Id, Guid? LeadId, Guid? StepId, Dictionary<string, string>? Sample);

    internal sealed class Endpoint(CampaignsDb db, Previews previews) : Endpoint<Request, Results<Ok<Preview>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/templates/{id}/preview");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<Ok<Preview>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Templates.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is { } template
                ? await previews.MakeAsync(
                    new(template.Subject, template.Content, template.TextContent), new(request.LeadId, request.StepId, request.Sample), ct)
                : Problems.NotFound("Template");
    }
}
