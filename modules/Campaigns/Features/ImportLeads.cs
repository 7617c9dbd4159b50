using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features;

/// <summary>POST /leads/import: takes a CSV file (multipart, field <c>file</c>) and answers what became of each row.</summary>
internal static class ImportLeads
{
    internal sealed record Request
    {
        /// <summary>The list that the leads join; made when there is none of that name.</summary>
        [QueryParam]
        public string? List { get; init; }

        /// <summary>What a lead that is there already gets: <c>skip</c> (the default) or <c>update</c>.</summary>
        [QueryParam]
        public string? OnDuplicate { get; init; }

        [FromHeader("Idempotency-Key", IsRequired = false)]
        public string? IdempotencyKey { get; init; }
    }

    internal sealed record Response(
        Guid Id, Guid? ListId, int TotalRows, int Imported, int Updated, int Skipped, int Refused, IReadOnlyList<Refusal> Refusals);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.List).MaximumLength(200);
            RuleFor(request => request.OnDuplicate).Must(value => value is null or "skip" or "update")
                .WithMessage("'onDuplicate' is 'skip' or 'update'.");
            RuleFor(request => request.IdempotencyKey).MaximumLength(255);
        }
    }

    internal sealed class Endpoint(CampaignsDb db, LeadImporter importer, IOptions<ImportOptions> options)
        : Endpoint<Request, Results<Ok<Response>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/leads/import");
            Policies(AccessPolicies.Member);
            AllowFileUploads(dontAutoBindFormData: true);
        }

        public override async Task<Results<Ok<Response>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.IdempotencyKey is { } key && await EarlierAsync(key, ct) is { } earlier)
            {
                return TypedResults.Ok(earlier);
            }

            HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = options.Value.MaxFileBytes;
            await foreach (var section in FormFileSectionsAsync(ct))
            {
                if (section is null || section.Name != "file")
                {
                    continue;
                }

                var order = new ImportOrder(section.FileName, request.List?.Trim(), request.OnDuplicate == "update", request.IdempotencyKey);
                var result = await ImportAsync(section.Section.Body, order, ct);
                return result.Import is { } import
                    ? TypedResults.Ok(Describe(import, result.Refusals))
                    : Problems.Unprocessable(result.Field!, result.Problem!);
            }

            return Problems.Malformed("file", "Send the CSV file as the multipart field 'file'.");
        }

        private async Task<ImportResult> ImportAsync(Stream file, ImportOrder order, CancellationToken ct)
        {
            try
            {
                return await importer.ImportAsync(file, order, ct);
            }
            catch (DbUpdateException exception) when (
                exception.InnerException is PostgresException { ConstraintName: "lead_imports_tenant_id_idempotency_key_key" })
            {
                // The same upload came twice at once, and the other was first.
                var first = await db.Imports.AsNoTracking().SingleAsync(import => import.IdempotencyKey == order.IdempotencyKey, ct);
                return new ImportResult(first, Refusal.Parse(first.Refusals), null, null);
            }
        }

        private async Task<Response?> EarlierAsync(string key, CancellationToken ct) =>
            await db.Imports.SingleOrDefaultAsync(import => import.IdempotencyKey == key, ct) is { } import
                ? Describe(import, Refusal.Parse(import.Refusals))
                : null;

        private static Response Describe(LeadImport import, IReadOnlyList<Refusal> refusals) => new(
            import.Id, import.ListId, import.TotalRows, import.Imported, import.UpdatedRows, import.Skipped, import.Refused, refusals);
    }
}
