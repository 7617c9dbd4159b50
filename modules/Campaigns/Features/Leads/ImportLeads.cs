using FastEndpoints;
using FluentValidation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>
/// POST /leads/import: takes a CSV file (multipart, field <c>file</c>) and answers what became of each row; with <c>wait=false</c> it
/// answers 202 as soon as the file has arrived.
/// </summary>
internal static class ImportLeads
{
    internal sealed record Request
    {
        /// <summary>The list that the leads join; made when there is none of that name.</summary>
        [QueryParam]
        public string? List { get; init; }

        /// <summary>What a lead that is there already gets: <c>skip</c> (the default) or <c>update</c>; or <c>list_only</c>: no lead is made.</summary>
        [QueryParam]
        public string? OnDuplicate { get; init; }

        /// <summary>A JSON object: column to email, name, first_name, last_name, company, custom.something or ignore.</summary>
        [QueryParam]
        public string? Mapping { get; init; }

        /// <summary>What happens to columns without a meaning: <c>refuse</c> (the default), <c>custom</c> or <c>ignore</c>.</summary>
        [QueryParam]
        public string? Unknown { get; init; }

        [QueryParam]
        public bool? Wait { get; init; }

        [FromHeader("Idempotency-Key", IsRequired = false)]
        public string? IdempotencyKey { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.List).MaximumLength(200);
            RuleFor(request => request.OnDuplicate).Must(value => value is null || SnakeCase.Knows<OnDuplicate>(value))
                .WithMessage("'onDuplicate' is 'skip', 'update' or 'list_only'.");
            RuleFor(request => request.List).NotEmpty().When(request => request.OnDuplicate == "list_only")
                .WithMessage("An import that only makes a list needs its name.");
            RuleFor(request => request.Mapping).Must(value => value is null || LeadColumns.ParseMapping(value) is not null)
                .WithMessage($"'mapping' is a JSON object: the name of a column to {string.Join(", ", LeadColumns.Fields)}, custom.something or ignore.");
            RuleFor(request => request.Unknown).Must(value => value is null || SnakeCase.Knows<UnknownColumns>(value))
                .WithMessage("'unknown' is 'refuse', 'custom' or 'ignore'.");
            RuleFor(request => request.IdempotencyKey).MaximumLength(255);
        }
    }

    internal sealed class Endpoint(
        CampaignsDb db, ImportClaims claims, ImportUpload upload, ImportMerge merge, ImportRunner runner, IOptions<ImportOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<ImportResult>, Accepted<ImportView>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/leads/import");
            Policies(AccessPolicies.Member);
            AllowFileUploads(dontAutoBindFormData: true);
        }

        public override async Task<Results<Ok<ImportResult>, Accepted<ImportView>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = options.Value.MaxFileBytes;
            await foreach (var section in FormFileSectionsAsync(ct))
            {
                if (section is not { Name: "file" })
                {
                    continue;
                }

                var policy = request.OnDuplicate is { } given ? SnakeCase.Parse<OnDuplicate>(given) : OnDuplicate.Skip;
                var order = new ImportOrder(request.List?.Trim(), policy, request.IdempotencyKey, HttpContext.Request.ContentLength);
                if (await claims.OpenAsync(order, ct) is not { } lease)
                {
                    return await EarlierAsync(request, ct);
                }

                await using (lease)
                {
                    return await UploadAsync(request, section, lease, ct);
                }
            }

            return Problems.Malformed("file", "Send the CSV file as the multipart field 'file'.");
        }

        private async Task<Results<Ok<ImportResult>, Accepted<ImportView>, ProblemHttpResult>> UploadAsync(
            Request request, Microsoft.AspNetCore.WebUtilities.FileMultipartSection section, ImportLease lease, CancellationToken ct)
        {
            try
            {
                var problem = await upload.RunAsync(section.Section.Body, Shorten(section.FileName), header => Choose(request, header), lease);
                if (problem is not null)
                {
                    await ForgetAsync(lease);
                    return Problems.Unprocessable(problem.Field, problem.Message);
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return Problems.Conflict("The import was canceled.");
            }
            catch (BadHttpRequestException)
            {
                await ForgetAsync(lease);
                throw;
            }
            catch
            {
                await claims.InterruptAsync(lease);
                throw;
            }

            return request.Wait == false ? await LeaveAsync(lease, ct) : await MergeAsync(lease, ct);
        }

        private async Task<Results<Ok<ImportResult>, Accepted<ImportView>, ProblemHttpResult>> MergeAsync(ImportLease lease, CancellationToken ct)
        {
            try
            {
                if (await merge.RunAsync(lease) is not { } fault)
                {
                    return TypedResults.Ok(await ImportResult.ReadAsync(db, lease.ImportId, ct));
                }

                await ForgetAsync(lease);
                return fault.Refusal?.ToProblem("file") ?? Problems.Unprocessable("file", fault.Message);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return Problems.Conflict("The import was canceled.");
            }
            catch (OperationCanceledException)
            {
                // Nobody waits any more; the rows are here, and the import goes on.
                await LeaveAsync(lease, CancellationToken.None);
                throw;
            }
        }

        private async Task<Accepted<ImportView>> LeaveAsync(ImportLease lease, CancellationToken ct)
        {
            await claims.LeaveAsync(lease, ct);
            runner.Nudge();
            return await AcceptedAsync(lease.ImportId, ct);
        }

        // Whoever is told so by the answer needs no record of it, and the key is free again.
        private async Task ForgetAsync(ImportLease lease)
        {
            await db.ImportRows.Where(row => row.ImportId == lease.ImportId).ExecuteDeleteAsync(CancellationToken.None);
            await db.Imports.Where(row => row.Id == lease.ImportId && row.LeaseOwner == lease.Owner).ExecuteDeleteAsync(CancellationToken.None);
        }

        // The same upload came before, or comes from elsewhere at this moment.
        private async Task<Results<Ok<ImportResult>, Accepted<ImportView>, ProblemHttpResult>> EarlierAsync(Request request, CancellationToken ct)
        {
            var import = await db.Imports.AsNoTracking().SingleOrDefaultAsync(row => row.IdempotencyKey == request.IdempotencyKey, ct);
            return import is null or { Status: ImportStatus.Uploading } ? Problems.Conflict("An import of the same key is being uploaded.")
                : import.IsOver ? TypedResults.Ok(await ImportResult.ReadAsync(db, import.Id, ct))
                : request.Wait == false ? await AcceptedAsync(import.Id, ct)
                : Problems.Conflict("An import of the same key is under way.");
        }

        private async Task<Accepted<ImportView>> AcceptedAsync(Guid id, CancellationToken ct)
        {
            var import = await db.Imports.AsNoTracking().SingleAsync(row => row.Id == id, ct);
            return TypedResults.Accepted($"/api/v1/leads/imports/{id}", ImportView.Of(import, clock.GetUtcNow()));
        }

        private static LeadColumns Choose(Request request, IReadOnlyList<string> header) => new(
            header, request.Mapping is { } mapping ? LeadColumns.ParseMapping(mapping) : null,
            request.Unknown is { } unknown ? SnakeCase.Parse<UnknownColumns>(unknown) : UnknownColumns.Refuse);

        private static string Shorten(string fileName) => fileName.Length <= 255 ? fileName : fileName[..255];
    }
}
