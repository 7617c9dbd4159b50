using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Features.Suppressions;

/// <summary>
/// POST /suppressions/import: takes a file (multipart, field <c>file</c>) of one address a line, or a CSV file with a column
/// <c>email</c>, of at most a million rows. What is suppressed already stays so: the same file may be sent again.
/// </summary>
internal static class ImportSuppressions
{
    internal sealed record Request
    {
        /// <summary>Absent: by no company of the tenant.</summary>
        [QueryParam]
        public Guid? CompanyId { get; init; }

        /// <summary>imported where absent; else as of a single one.</summary>
        [QueryParam]
        public string? Reason { get; init; }
    }

    internal sealed class Validator : Validator<Request>
    {
        public Validator() => RuleFor(request => request.Reason).AsGivenReason().When(request => request.Reason != "imported");
    }

    internal sealed class Endpoint(CampaignsDb db, TenantScope scope, ISender modules, IOptions<ImportOptions> options, TimeProvider clock)
        : Endpoint<Request, Results<Ok<SuppressionFile.Result>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Post("/suppressions/import");
            Policies(AccessPolicies.Member);
            AllowFileUploads(dontAutoBindFormData: true);
        }

        public override async Task<Results<Ok<SuppressionFile.Result>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            if (request.CompanyId is { } company && await modules.Send(new GetCompany(company), ct) is null)
            {
                return Problems.NotFound("Company");
            }

            HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = options.Value.MaxFileBytes;
            await foreach (var section in FormFileSectionsAsync(ct))
            {
                if (section is not { Name: "file" })
                {
                    continue;
                }

                var reason = request.Reason is { } given ? SnakeCase.Parse<SuppressionReason>(given) : SuppressionReason.Imported;
                var name = section.FileName.Length <= 200 ? section.FileName : section.FileName[..200];
                var file = new SuppressionFile(db, scope.RequiredTenantId, new SuppressionOrder(request.CompanyId, reason, $"file {name}"), clock);
                return await file.ReadAsync(section.Section.Body, ct) is { } problem
                    ? Problems.Unprocessable(problem.Field, problem.Message)
                    : TypedResults.Ok(file.Outcome);
            }

            return Problems.Malformed("file", "Send the file as the multipart field 'file'.");
        }
    }
}
