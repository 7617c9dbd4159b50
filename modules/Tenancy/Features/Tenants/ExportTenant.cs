using System.Data;
using System.IO.Compression;
using System.Text.Json;
using FastEndpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PenguinMails.Shared;
using PenguinMails.Shared.Database;
using PenguinMails.Shared.Http;
using PenguinMails.Tenancy.Accounts;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tenancy.Data;

namespace PenguinMails.Tenancy.Features.Tenants;

/// <summary>
/// GET /tenant-export: everything that PostgreSQL shows the tenant, as a zip of one CSV a table and a tenant.json. Written as it is
/// read, of one moment, whatever its size. Hashes and sealed values stay.
/// </summary>
internal static class ExportTenant
{
    internal sealed class Endpoint(TenancyDb db, TenantScope scope, SecurityActs acts, TimeProvider clock) : EndpointWithoutRequest
    {
        private sealed record Table(string TableName, string Columns);

        public override void Configure()
        {
            Get("/tenant-export");
            Policies(AccessPolicies.AdminPerson);
            Description(route => route.Produces(200, contentType: "application/zip"));
        }

        public override async Task HandleAsync(CancellationToken ct)
        {
            await using var transaction = await TenantTransaction.BeginAsync(db, ct, IsolationLevel.RepeatableRead);
            if (!await IsOnlyOneAsync(ct))
            {
                await Send.ResultAsync(Problems.Conflict("An export of the tenant is under way."));
                return;
            }

            await acts.PublishAsync(SecurityActKind.DataExported, resourceType: "tenant", resourceId: scope.RequiredTenantId.ToString());
            // The end of a zip entry is written synchronously, even by ZipArchive's asynchronous half.
            HttpContext.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
            var response = HttpContext.Response;
            response.ContentType = "application/zip";
            response.Headers.ContentDisposition = $"attachment; filename=penguinmails-{clock.GetUtcNow():yyyy-MM-dd}.zip";
            await using var zip = await ZipArchive.CreateAsync(response.Body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, ct);
            await WriteTenantAsync(zip, ct);
            var people = new Table("users", "id, name, given_name, family_name, email, created");
            await CopyAsync(transaction.Connection, zip, people, "id IN (SELECT user_id FROM tenant_users WHERE tenant_id = '{0}')", ct);
            foreach (var table in await TablesAsync(ct))
            {
                await CopyAsync(transaction.Connection, zip, table, "tenant_id = '{0}'", ct);
            }
        }

        // Each holds a connection for as long as its reader likes.
        private async Task<bool> IsOnlyOneAsync(CancellationToken ct) => (await db.Database
            .SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock(hashtextextended({"export:" + scope.RequiredTenantId}, 0)) AS \"Value\"")
            .ToListAsync(ct)).Single();

        private async Task WriteTenantAsync(ZipArchive zip, CancellationToken ct)
        {
            var tenant = await db.Tenants.Where(row => row.Id == scope.TenantId)
                .Select(row => new { row.Id, row.Name, row.Created, Exported = clock.GetUtcNow() }).SingleAsync(ct);
            await using var entry = await zip.CreateEntry("tenant.json").OpenAsync(ct);
            await JsonSerializer.SerializeAsync(entry, tenant, JsonSerializerOptions.Web, ct);
        }

        private Task<List<Table>> TablesAsync(CancellationToken ct) => db.Database
            .SqlQuery<Table>($"SELECT table_name, columns FROM tenant_tables()").ToListAsync(ct);

        // The names come from the catalogue and the id is the token's.
        private async Task CopyAsync(NpgsqlConnection connection, ZipArchive zip, Table table, string condition, CancellationToken ct)
        {
            var where = string.Format(System.Globalization.CultureInfo.InvariantCulture, condition, scope.RequiredTenantId);
            using var rows = await connection.BeginTextExportAsync(
                $"COPY (SELECT {table.Columns} FROM {table.TableName} WHERE {where}) TO STDOUT (FORMAT csv, HEADER)", ct);
            await using var entry = await zip.CreateEntry($"{table.TableName}.csv").OpenAsync(ct);
            await using var writer = new StreamWriter(entry);
            var buffer = new char[16 * 1024];
            while (await rows.ReadAsync(buffer, ct) is var read and > 0)
            {
                await writer.WriteAsync(buffer.AsMemory(0, read), ct);
            }
        }
    }
}
