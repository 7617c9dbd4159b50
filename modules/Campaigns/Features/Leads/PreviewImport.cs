using CsvHelper;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>POST /leads/import/preview: what a CSV file (multipart, field <c>file</c>; its beginning is enough) looks like. Nothing is kept.</summary>
internal static class PreviewImport
{
    private const int Rows = 5;

    /// <param name="Suggestion">What <c>mapping</c> would say of the column; null where nothing is known of it.</param>
    /// <param name="Confidence">1 where the name says it, less where only the values do.</param>
    internal sealed record Column(string Name, string? Suggestion, double Confidence);

    /// <param name="Rows">The first five, cell by cell.</param>
    /// <param name="Problems">What would keep the import from beginning, with the suggestions taken.</param>
    internal sealed record Response(
        string Encoding, string Delimiter, IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<string>> Rows, IReadOnlyList<string> Problems);

    internal sealed class Endpoint : EndpointWithoutRequest<Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/leads/import/preview");
            Policies(AccessPolicies.Member);
            AllowFileUploads(dontAutoBindFormData: true);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(CancellationToken ct)
        {
            await foreach (var section in FormFileSectionsAsync(ct))
            {
                if (section is { Name: "file" })
                {
                    return await PreviewAsync(section.Section.Body, ct);
                }
            }

            return Problems.Malformed("file", "Send the CSV file as the multipart field 'file'.");
        }

        private static async Task<Results<Ok<Response>, ProblemHttpResult>> PreviewAsync(Stream body, CancellationToken ct)
        {
            await using var file = await LeadFile.OpenAsync(body, ct);
            try
            {
                if (!await file.Csv.ReadAsync(ct))
                {
                    return Problems.Unprocessable("file", "The file is empty.");
                }

                var header = file.Cells();
                var rows = new List<string[]>();
                while (rows.Count < Rows && await file.Csv.ReadAsync(ct))
                {
                    rows.Add(file.Cells());
                }

                var columns = ColumnSuggestions.For(header, rows);
                var mapping = columns.Where(column => column.Suggestion is not null).DistinctBy(column => column.Name.Trim(), StringComparer.OrdinalIgnoreCase)
                    .ToDictionary(column => column.Name.Trim(), column => column.Suggestion!, StringComparer.OrdinalIgnoreCase);
                return TypedResults.Ok(new Response(
                    file.Encoding.WebName, $"{file.Csv.Separator}", columns, rows,
                    new LeadColumns(header, mapping).Problem is { } problem ? [problem] : []));
            }
            catch (Exception exception) when (exception is CsvFormatException or InvalidDataException)
            {
                return Problems.Unprocessable("file", exception.Message);
            }
        }
    }
}
