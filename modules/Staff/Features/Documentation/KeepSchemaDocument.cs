using FastEndpoints;
using FluentValidation;
using MediatR;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Contracts;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Documentation;

/// <summary>PUT /staff/schema-documentation/{documentName}: what is known of a document now; a new one is added.</summary>
internal static class KeepSchemaDocument
{
    internal sealed record Request(
        string DocumentName, string? Version, SyncStatus? SyncStatus, string? ChangesSummary, DateOnly? NextReviewDate, string? ResponsibleTeam);

    internal sealed class Validator : Validator<Request>
    {
        public Validator()
        {
            RuleFor(request => request.DocumentName).MaximumLength(100);
            RuleFor(request => request.Version).MaximumLength(20);
            RuleFor(request => request.SyncStatus).NotNull();
            RuleFor(request => request.ChangesSummary).MaximumLength(2000);
            RuleFor(request => request.ResponsibleTeam).MaximumLength(50);
        }
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform, ISender modules, TimeProvider clock)
        : Endpoint<Request, Results<Ok<ListSchemaDocuments.Item>, ProblemHttpResult>>
    {
        public override void Configure()
        {
            Put("/staff/schema-documentation/{documentName}");
            Policies(Contracts.Permissions.ConfigManage);
        }

        public override async Task<Results<Ok<ListSchemaDocuments.Item>, ProblemHttpResult>> ExecuteAsync(Request request, CancellationToken ct)
        {
            await using var db = platform.Open("staff.documentation");
            var row = await db.SchemaDocuments.SingleOrDefaultAsync(document => document.DocumentName == request.DocumentName, ct)
                ?? db.SchemaDocuments.Add(new SchemaDocument { DocumentName = request.DocumentName }).Entity;
            (row.Version, row.SyncStatus, row.ChangesSummary) = (request.Version, request.SyncStatus!.Value, request.ChangesSummary);
            (row.NextReviewDate, row.ResponsibleTeam, row.LastUpdated) = (request.NextReviewDate, request.ResponsibleTeam, clock.GetUtcNow());
            var changed = db.ChangesOf(row);
            if (await db.SaveUniqueAsync(ct) is not null)
            {
                return Problems.Conflict("Somebody else has just added it.");
            }

            await modules.Send(new RecordAudit("documentation.keep", "schema-documentation", row.DocumentName) { Details = changed }, CancellationToken.None);
            return TypedResults.Ok(ListSchemaDocuments.Item.Of(row));
        }
    }
}
