using System.Text.Json;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>
/// GET /leads/export.csv: the leads of a filter with the columns that an import reads, written as they are read. Importing the file
/// gives the same leads, unless <c>excel=true</c> asked for cells that a spreadsheet cannot take for formulas.
/// </summary>
internal static class ExportLeads
{
    internal sealed record Request : LeadFilter
    {
        [QueryParam]
        public bool? Excel { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => this.AddFilterRules();
    }

    internal sealed class Endpoint(CampaignsDb db, LeadSearch search, TenantScope scope, TimeProvider clock) : Endpoint<Request>
    {
        public override void Configure()
        {
            Get("/leads/export.csv");
            Policies(AccessPolicies.Viewer);
            Description(route => route.Produces(200, contentType: "text/csv"));
        }

        public override async Task HandleAsync(Request request, CancellationToken ct)
        {
            db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            var leads = await search.FindAsync(request, ct);
            var custom = await db.Database.SqlQuery<string>($"""
                SELECT DISTINCT jsonb_object_keys(attributes) AS "Value" FROM leads WHERE tenant_id = {scope.RequiredTenantId} AND attributes <> {"{}"}::jsonb ORDER BY 1
                """).ToListAsync(ct);
            await using var csv = CsvAnswer.Begin(HttpContext.Response, $"leads-{clock.GetUtcNow():yyyy-MM-dd}.csv", request.Excel == true);
            await csv.WriteAsync([.. LeadColumns.Fields, .. custom.Select(name => LeadColumns.CustomPrefix + name)], ct);
            var rows = leads.OrderBy(lead => lead.Id)
                .Select(lead => new { lead.Email, lead.Name, lead.FirstName, lead.LastName, lead.Company, lead.Attributes });
            await foreach (var lead in rows.AsAsyncEnumerable().WithCancellation(ct))
            {
                var attributes = custom.Count == 0 ? null : JsonSerializer.Deserialize<Dictionary<string, string>>(lead.Attributes);
                await csv.WriteAsync(
                    [lead.Email, lead.Name, lead.FirstName, lead.LastName, lead.Company, .. custom.Select(name => attributes?.GetValueOrDefault(name))], ct);
            }
        }
    }
}
