using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>DELETE /leads/{id}: one that no campaign is writing to; others can be archived.</summary>
internal static class DeleteLead
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request, Results<NoContent, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Delete("/leads/{id}");
            Policies(AccessPolicies.Member);
        }

        public override async Task<Results<NoContent, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct) =>
            await db.Leads.Where(lead => lead.Id == request.Id).Deletable(db).ExecuteDeleteAsync(ct) > 0 ? TypedResults.NoContent()
            : await db.Leads.AnyAsync(lead => lead.Id == request.Id, ct) ? Problems.Conflict("A campaign is writing to the lead: archive it, or delete it later.")
            : Problems.NotFound("Lead");
    }
}
