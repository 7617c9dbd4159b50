using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Staff;

public sealed class SchemaDocumentTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_state_of_the_schemas_documents_is_kept_and_listed()
    {
        var admin = await host.AStaffMemberAsync(role: 2, Ct);
        var name = $"Guide {Guid.CreateVersion7()}";
        var path = $"staff/schema-documentation/{Uri.EscapeDataString(name)}";
        (await ItemsAsync(admin, "staff/schema-documentation")).Select(item => item.Text("documentName")).ShouldContain("OLTP Schema Guide");

        await (await admin.Http.PutAsJsonAsync(path, new { Version = "1.0", SyncStatus = "needs_update", NextReviewDate = "2027-01-31" }, Ct)).ReadAsync(Ct);
        var kept = await (await admin.Http.PutAsJsonAsync(path, new { Version = "1.1", SyncStatus = "synchronized", ResponsibleTeam = "T" }, Ct)).ReadAsync(Ct);

        (kept.Text("version"), kept.Text("syncStatus"), kept["nextReviewDate"]).ShouldBe(("1.1", "synchronized", null));
        (await ItemsAsync(admin, "staff/schema-documentation")).Single(item => item.Text("documentName") == name).Text("responsibleTeam").ShouldBe("T");
        (await (await admin.Http.PutAsJsonAsync(path, new { Version = "1.2" }, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["syncStatus"]);
        (await host.QueryAsync("SELECT metadata ->> 'version' FROM audit_log WHERE resource_id = $1 AND action = 'documentation.keep' ORDER BY created DESC LIMIT 1", Ct, name))
            .ShouldBe(["1.0 -> 1.1"]);
    }

    private static async Task<IReadOnlyList<JsonNode>> ItemsAsync(TenantClient staff, string path) =>
        [.. (await staff.GetAsync(path, Ct))["items"]!.AsArray().Select(item => item!)];
}
