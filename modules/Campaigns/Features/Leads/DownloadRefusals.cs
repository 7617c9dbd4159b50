using PenguinMails.Campaigns.Leads;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>
/// GET /leads/imports/{id}/refusals.csv: each row that was left out, with its line and the reason. Rows that were themselves at fault
/// come with their cells: mended, the file can be imported as it is.
/// </summary>
internal static class DownloadRefusals
{
    internal sealed record Request(Guid Id);

    internal sealed class Endpoint(CampaignsDb db) : Endpoint<Request>
    {
        public override void Configure()
        {
            Get("/leads/imports/{id}/refusals.csv");
            Policies(AccessPolicies.Viewer);
            Description(route => route.Produces(200, contentType: "text/csv"));
        }

        public override async Task HandleAsync(Request request, CancellationToken ct)
        {
            if (await db.Imports.AsNoTracking().SingleOrDefaultAsync(row => row.Id == request.Id, ct) is not { } import)
            {
                await Send.ResultAsync(Problems.NotFound("Import"));
                return;
            }

            var columns = import.Columns ?? ["email"];
            var email = Array.FindIndex(columns, name => LeadColumns.Known(name.Trim()) == "email");
            await using var csv = CsvAnswer.Begin(HttpContext.Response, $"refused-{import.Id}.csv");
            await csv.WriteAsync(["line", "reason", .. columns], ct);
            await foreach (var row in db.ImportRefusals.AsNoTracking().Where(row => row.ImportId == import.Id).OrderBy(row => row.Line)
                .AsAsyncEnumerable().WithCancellation(ct))
            {
                var cells = columns.Select((_, index) => row.Cells is { } given ? given.ElementAtOrDefault(index) : index == email ? row.Email : null);
                await csv.WriteAsync([$"{row.Line}", row.Reason, .. cells], ct);
            }
        }
    }
}
