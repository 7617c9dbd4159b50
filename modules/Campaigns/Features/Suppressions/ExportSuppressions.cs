using System.Globalization;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Database;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>GET /suppressions/export.csv: the suppressions of a filter, written as they are read.</summary>
internal static class ExportSuppressions
{
    internal sealed record Request : SuppressionFilter
    {
        /// <summary>Cells that a spreadsheet cannot take for formulas.</summary>
        [QueryParam]
        public bool? Excel { get; init; }
    }

    internal sealed class Validator : FastEndpoints.Validator<Request>
    {
        public Validator() => this.AddFilterRules();
    }

    internal sealed class Endpoint(CampaignsDb db, TimeProvider clock) : Endpoint<Request>
    {
        public override void Configure()
        {
            Get("/suppressions/export.csv");
            Policies(AccessPolicies.Viewer);
            Description(route => route.Produces(200, contentType: "text/csv"));
        }

        public override async Task HandleAsync(Request request, CancellationToken ct)
        {
            db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
            await using var csv = CsvAnswer.Begin(HttpContext.Response, $"suppressions-{clock.GetUtcNow():yyyy-MM-dd}.csv", request.Excel == true);
            await csv.WriteAsync(["email", "email_hash", "company_id", "reason", "source", "created"], ct);
            await foreach (var row in request.Of(db).AsNoTracking().OrderBy(row => row.Id).Select(SuppressionItem.Of).AsAsyncEnumerable().WithCancellation(ct))
            {
                await csv.WriteAsync(
                    [row.Email, row.EmailHash, row.CompanyId?.ToString(), SnakeCase.Of(row.Reason), row.Source, row.Created.ToString("O", CultureInfo.InvariantCulture)], ct);
            }
        }
    }
}
