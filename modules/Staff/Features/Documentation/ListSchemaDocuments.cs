using FastEndpoints;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Staff.Data;

namespace PenguinMails.Staff.Features.Documentation;

/// <summary>GET /staff/schema-documentation: how far each document is in step with the schema. They are few: always one page.</summary>
internal static class ListSchemaDocuments
{
    internal sealed record Item(
        string DocumentName, string? Version, SyncStatus SyncStatus, string? ChangesSummary, DateOnly? NextReviewDate, string? ResponsibleTeam,
        DateTimeOffset LastUpdated)
    {
        public static Item Of(SchemaDocument row) => new(
            row.DocumentName, row.Version, row.SyncStatus, row.ChangesSummary, row.NextReviewDate, row.ResponsibleTeam, row.LastUpdated);
    }

    internal sealed class Endpoint(PlatformDb<StaffDb> platform) : EndpointWithoutRequest<Page<Item>>
    {
        public override void Configure()
        {
            Get("/staff/schema-documentation");
            Policies(Contracts.Permissions.ConfigRead);
        }

        public override async Task<Page<Item>> ExecuteAsync(CancellationToken ct)
        {
            await using var db = platform.Open("staff.documentation");
            var rows = await db.SchemaDocuments.AsNoTracking().OrderBy(row => row.DocumentName).ToListAsync(ct);
            return new Page<Item>([.. rows.Select(Item.Of)], null);
        }
    }
}
