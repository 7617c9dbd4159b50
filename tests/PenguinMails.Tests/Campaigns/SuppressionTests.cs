using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using PenguinMails.Campaigns;
using PenguinMails.Campaigns.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace PenguinMails.Tests.Campaigns;

public sealed class SuppressionTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_address_is_suppressed_once_for_the_tenant_and_found_by_it()
    {
        var tenant = await host.ATenantAsync(Ct);

        var first = await tenant.PostAsync("suppressions", new { Email = "Some.One@Example.com", Note = "Asked by phone" }, Ct);
        (first.Number("added"), first.Number("known"), first.Number("exited")).ShouldBe((1, 0, 0));
        var again = await tenant.PostAsync("suppressions", new { Emails = new[] { "some.one@example.com", "two@example.com" }, Reason = "unsubscribed" }, Ct);
        (again.Number("added"), again.Number("known")).ShouldBe((1, 1));
        await tenant.PostAsync("suppressions", new { Email = "some.one@example.com", tenant.CompanyId, Reason = "complaint" }, Ct);

        (await ListAsync(tenant, "")).ShouldBe(["some.one@example.com complaint", "two@example.com unsubscribed", "some.one@example.com manual"]);
        (await ListAsync(tenant, "?email=SOME.one@example.com")).Count.ShouldBe(2);
        (await ListAsync(tenant, "?reason=unsubscribed")).ShouldBe(["two@example.com unsubscribed"]);
        (await ListAsync(tenant, $"?companyId={tenant.CompanyId}")).ShouldBe(["some.one@example.com complaint"]);
        var page = await tenant.GetAsync("suppressions?limit=2", Ct);
        (await ListAsync(tenant, $"?limit=2&cursor={page.Text("nextCursor")}")).ShouldBe(["some.one@example.com manual"]);
        (await tenant.GetAsync("suppressions?email=two@example.com", Ct))["items"]![0]!["source"].ShouldBeNull();
    }

    [Fact]
    public async Task What_is_no_address_or_no_company_of_the_tenant_is_refused_and_nothing_is_kept()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var email = "a@b.example";
        (object Body, string Field)[] bad =
        [
            (new { }, "email"), (new { Email = "nobody" }, "email"), (new { Emails = Array.Empty<string>() }, "emails"),
            (new { Emails = new[] { email, "x" } }, "emails"), (new { Email = email, Emails = new[] { email } }, "emails"),
            (new { Emails = Enumerable.Range(0, 1001).Select(number => $"a{number}@b.example").ToArray() }, "emails"),
            (new { Email = email, Reason = "soft_bounces" }, "reason"), (new { Email = email, Note = new string('x', 256) }, "note"),
        ];

        foreach (var (body, field) in bad)
        {
            var problem = await (await tenant.Http.PostAsJsonAsync("suppressions", body, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct);
            problem.Fields().ShouldContain(field);
        }

        await (await tenant.Http.PostAsJsonAsync("suppressions", new { Email = email, other.CompanyId }, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        await (await tenant.SendFileAsync($"suppressions/import?companyId={other.CompanyId}", Encoding.UTF8.GetBytes(email), Ct))
            .ProblemAsync(HttpStatusCode.NotFound, Ct);
        await (await tenant.Http.GetAsync("suppressions?reason=bored", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct);
        await (await tenant.Http.GetAsync("suppressions/check?email=x", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct);
        (await ListAsync(tenant, "")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_deletes_a_suppression_and_no_other_tenant_sees_one()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await tenant.PostAsync("suppressions", new { Email = "kept@example.com" }, Ct);
        var id = (await tenant.GetAsync("suppressions", Ct))["items"]![0]!.Id();

        foreach (var path in new[] { "suppressions", $"suppressions/{id}", "suppressions?email=kept@example.com" })
        {
            ((int)(await tenant.Http.DeleteAsync(path, Ct)).StatusCode).ShouldBeOneOf(404, 405);
        }

        (await ListAsync(tenant, "")).ShouldBe(["kept@example.com manual"]);
        (await ListAsync(other, "")).ShouldBeEmpty();
        (await ListAsync(other, "?email=kept@example.com")).ShouldBeEmpty();
        (await CheckAsync(other, "kept@example.com")).ShouldBe("False ");
        (await other.Http.GetStringAsync("suppressions/export.csv", Ct)).ShouldNotContain("kept@example.com");
    }

    [Fact]
    public async Task A_check_tells_who_does_not_write_and_of_the_platform_no_more_than_that()
    {
        var tenant = await host.ATenantAsync(Ct);
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var email = $"{Guid.CreateVersion7():N}@example.com";
        (await CheckAsync(tenant, email)).ShouldBe("False ");

        await tenant.PostAsync("suppressions", new { Email = email, tenant.CompanyId }, Ct);
        (await CheckAsync(tenant, email)).ShouldBe("True company");
        await tenant.PostAsync("suppressions", new { Email = email, Note = "By phone" }, Ct);
        await staff.PostAsync("staff/suppressions", new { Emails = new[] { email }, Note = "Spam trap" }, Ct);

        (await CheckAsync(tenant, email)).ShouldBe("True platform tenant company");
        var scopes = (await tenant.GetAsync($"suppressions/check?email={email}", Ct))["scopes"]!;
        scopes.ToJsonString().ShouldNotContain("Spam trap");
        (scopes[0]!["reason"], scopes[0]!["created"]).ShouldBe((null, null));
        (scopes[1]!.Text("source"), scopes[2]!["companyId"]!.GetValue<Guid>()).ShouldBe(("By phone", tenant.CompanyId));
        (await ListAsync(tenant, "")).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_campaign_is_left_at_once_within_the_scope_but_for_what_is_in_hand()
    {
        var tenant = await host.ATenantAsync(Ct);
        var second = await tenant.PostAsync("companies", new { Name = "Second", PostalAddress = "2 Some Street" }, Ct);
        var leads = await tenant.AListAsync(3, Ct);
        var ours = await DraftAsync(tenant, tenant.CompanyId, leads);
        var theirs = await DraftAsync(tenant, second.Id(), leads);
        await EnrollAsync(ours, theirs);
        await host.QueryAsync("""
            UPDATE campaign_leads SET lease_owner = gen_random_uuid(), lease_until = now() + interval '1 hour'
            WHERE campaign_id = $1 AND lead_id = (SELECT id FROM leads WHERE tenant_id = $2 AND email = 'lead3@recipient.example')
            """, Ct, ours, tenant.TenantId);

        var byCompany = await tenant.PostAsync("suppressions", new { Emails = new[] { "lead1@recipient.example", "lead3@recipient.example" }, tenant.CompanyId }, Ct);
        byCompany.Number("exited").ShouldBe(1);
        (await WaysAsync(ours)).ShouldBe(["lead1 exited removed", "lead2 pending ", "lead3 pending "]);
        (await WaysAsync(theirs)).ShouldBe(["lead1 pending ", "lead2 pending ", "lead3 pending "]);

        var byTenant = await tenant.PostAsync("suppressions", new { Emails = new[] { "lead2@recipient.example" }, Reason = "complaint" }, Ct);
        byTenant.Number("exited").ShouldBe(2);
        (await WaysAsync(theirs)).ShouldBe(["lead1 pending ", "lead2 exited complained", "lead3 pending "]);
        (await host.QueryAsync("SELECT status FROM leads WHERE tenant_id = $1 ORDER BY email", Ct, tenant.TenantId)).ShouldBe(["active", "complained", "active"]);
    }

    [Fact]
    public async Task A_file_is_suppressed_line_by_line_and_may_be_sent_again()
    {
        var tenant = await host.ATenantAsync(Ct);
        var file = "Name,E-Mail\nA,a@example.com\nB,nobody\nC,\n\"D, E\",D@Example.com\nA,a@example.com\n";

        var first = await tenant.UploadAsync("suppressions/import", file, Ct);
        (first.Number("rows"), first.Number("added"), first.Number("known"), first.Number("refused")).ShouldBe((5, 2, 1, 2));
        first["refusals"]!.AsArray().Select(row => $"{row!.Number("line")} {row!.Text("email")}").ShouldBe(["3 nobody", "4 "]);
        var again = await tenant.UploadAsync("suppressions/import", file, Ct);
        (again.Number("added"), again.Number("known")).ShouldBe((0, 3));
        // One address a line, without a header; a byte order mark and Windows' line ends do no harm.
        var plain = await tenant.UploadAsync("suppressions/import?reason=unsubscribed", "\uFEFFx@example.com\r\ny@example.com\r\n", Ct);
        plain.Number("added").ShouldBe(2);

        (await ListAsync(tenant, "")).Order(StringComparer.Ordinal)
            .ShouldBe(["a@example.com imported", "d@example.com imported", "x@example.com unsubscribed", "y@example.com unsubscribed"]);
        var csv = await tenant.Http.GetStringAsync("suppressions/export.csv?reason=imported", Ct);
        csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(3);
        csv.ShouldContain("d@example.com,");
        csv.ShouldContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData("d@example.com"u8)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("name,phone\na,b\n")]
    [InlineData("\"a@example.com\nb@example.com")]
    public async Task A_file_without_addresses_is_refused(string file)
    {
        var tenant = await host.ATenantAsync(Ct);

        var problem = await (await tenant.SendFileAsync("suppressions/import", Encoding.UTF8.GetBytes(file), Ct)).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);

        problem.Fields().ShouldBe(["file"]);
        (await ListAsync(tenant, "")).ShouldBeEmpty();
    }

    [Fact]
    public async Task More_rows_than_are_taken_at_once_are_all_taken()
    {
        var tenant = await host.ATenantAsync(Ct);
        var file = "email\n" + string.Concat(Enumerable.Range(0, 25_001).Select(number => $"a{number}@example.com\n"));

        var import = await tenant.UploadAsync("suppressions/import", file, Ct);

        (import.Number("rows"), import.Number("added")).ShouldBe((25_001, 25_001));
        (await host.QueryAsync("SELECT count(*) FROM suppressions WHERE tenant_id = $1", Ct, tenant.TenantId)).ShouldBe(["25001"]);
    }

    [Fact]
    public async Task Staff_suppress_for_all_tenants_whose_campaigns_leave_at_once_and_it_is_on_record()
    {
        var (tenant, staff) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 2, Ct));
        var email = $"{Guid.CreateVersion7():N}@example.com";
        var list = await tenant.AListOfAsync($"email\n{email}\n", Ct);
        var campaign = await DraftAsync(tenant, tenant.CompanyId, list);
        await EnrollAsync(campaign);

        var added = await staff.PostAsync("staff/suppressions", new { Emails = new[] { email.ToUpperInvariant(), email }, Note = "Spam trap" }, Ct);
        (added.Number("added"), added.Number("known"), added.Number("exited")).ShouldBe((1, 1, 1));
        (await staff.PostAsync("staff/suppressions", new { Emails = new[] { email }, Note = "Again" }, Ct)).Number("added").ShouldBe(0);

        (await host.QueryAsync("SELECT status, exit_reason FROM campaign_leads WHERE campaign_id = $1", Ct, campaign)).ShouldBe(["exited|removed"]);
        (await ListAsync(staff, $"?email={email}", "staff/suppressions")).ShouldBe([$"{email} manual"]);
        (await host.QueryAsync("SELECT count(*) FROM audit_log WHERE action = 'suppressions.add' AND actor_user_id = $1", Ct, staff.UserId)).ShouldBe(["2"]);
        // What is a tenant's own is none of the platform's.
        await tenant.PostAsync("suppressions", new { Email = "own@example.com" }, Ct);
        (await ListAsync(staff, "?email=own@example.com", "staff/suppressions")).ShouldBeEmpty();

        var support = await host.AStaffMemberAsync(role: 4, Ct);
        (await support.Http.PostAsJsonAsync("staff/suppressions", new { Emails = new[] { email }, Note = "N" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await (await staff.Http.PostAsJsonAsync("staff/suppressions", new { Emails = new[] { email } }, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct);
    }

    [Fact]
    public async Task The_third_soft_bounce_in_a_row_suppresses_and_a_sign_of_life_begins_anew()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);
        await scene.CompletedAsync(Ct);

        (await BounceAsync(scene), await BounceAsync(scene)).ShouldBe((false, false));
        await using (var work = host.ScopeOf(scene.Tenant.TenantId))
        {
            var message = await work.ServiceProvider.GetRequiredService<CampaignsDb>().Messages.SingleAsync(Ct);
            await work.ServiceProvider.GetRequiredService<MessageEvents>().RecordAsync(message, EventType.Opened, null, Ct);
        }

        (await BounceAsync(scene), await BounceAsync(scene)).ShouldBe((false, false));
        (await ListAsync(scene.Tenant, "")).ShouldBeEmpty();
        await host.QueryAsync("UPDATE campaign_leads SET status = 'active' WHERE campaign_id = $1", Ct, scene.Id);
        (await BounceAsync(scene)).ShouldBeTrue();

        (await ListAsync(scene.Tenant, "")).ShouldBe(["lead1@recipient.example soft_bounces"]);
        (await WaysAsync(scene.Id)).ShouldBe(["lead1 exited bounced"]);
        (await scene.LeadStatusAsync(Ct)).ShouldBe("bounced");
    }

    [Fact]
    public async Task A_lead_that_was_deleted_and_comes_again_is_not_written_to()
    {
        await using var sink = new FaultySink();
        var scene = await CampaignScene.DraftAsync(host, sink, 2, Ct);
        var (tenant, list) = (scene.Tenant, (await scene.Tenant.GetAsync("lead-lists", Ct))["items"]![0]!.Id());
        await tenant.PostAsync("suppressions", new { Email = "lead1@recipient.example", tenant.CompanyId }, Ct);
        var lead = (await tenant.GetAsync("leads?email=lead1", Ct))["items"]![0]!.Id();
        (await tenant.Http.DeleteAsync($"leads/{lead}", Ct)).IsSuccessStatusCode.ShouldBeTrue();
        // Erased, it is known by its hash alone.
        await host.QueryAsync("UPDATE suppressions SET email = NULL WHERE tenant_id = $1", Ct, tenant.TenantId);

        await tenant.PostAsync("leads", new { Email = "Lead1@recipient.example" }, Ct);
        await tenant.UploadAsync("leads/import?list=Leads&onDuplicate=update", "email\nlead1@recipient.example\n", Ct);
        await tenant.PostAsync($"campaigns/{scene.Id}/leads", new { ListId = list }, Ct);
        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);

        sink.Taken.Select(mail => mail.To.Mailboxes.Single().Address).ShouldBe(["lead2@recipient.example"]);
        (await CheckAsync(tenant, "lead1@recipient.example")).ShouldBe("True company");
        (await tenant.GetAsync("suppressions?email=lead1@recipient.example", Ct))["items"]![0]!["email"].ShouldBeNull();
    }

    private async Task<bool> BounceAsync(CampaignScene scene)
    {
        await using var work = host.ScopeOf(scene.Tenant.TenantId);
        var db = work.ServiceProvider.GetRequiredService<CampaignsDb>();
        return await SoftBounces.CountAsync(db, await db.Messages.AsNoTracking().SingleAsync(Ct), TimeProvider.System.GetUtcNow(), Ct);
    }

    private async Task<Guid> DraftAsync(TenantClient tenant, Guid company, Guid list)
    {
        var campaign = await tenant.PostAsync("campaigns", new { CompanyId = company, Name = "C" }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/leads", new { ListId = list }, Ct);
        return campaign.Id();
    }

    // As a launch does it; the campaigns themselves stay drafts, so that nothing is sent meanwhile.
    private async Task EnrollAsync(params Guid[] campaigns) => await host.QueryAsync(
        "UPDATE campaign_leads SET status = 'pending', next_run = now() WHERE campaign_id = ANY ($1)", Ct, campaigns);

    private async Task<IReadOnlyList<string>> WaysAsync(Guid campaign) => await host.QueryAsync("""
        SELECT split_part(leads.email, '@', 1) || ' ' || campaign_leads.status || ' ' || coalesce(exit_reason, '')
        FROM campaign_leads JOIN leads ON leads.id = lead_id WHERE campaign_id = $1 ORDER BY leads.email
        """, Ct, campaign);

    private static async Task<IReadOnlyList<string>> ListAsync(TenantClient client, string query, string path = "suppressions") =>
        [.. (await client.GetAsync(path + query, Ct))["items"]!.AsArray().Select(row => $"{row!.Text("email")} {row!.Text("reason")}")];

    private static async Task<string> CheckAsync(TenantClient tenant, string email)
    {
        JsonNode answer = await tenant.GetAsync($"suppressions/check?email={email}", Ct);
        return $"{answer["isSuppressed"]} {string.Join(' ', answer["scopes"]!.AsArray().Select(scope => scope!.Text("name")))}".Replace("true", "True").Replace("false", "False");
    }
}
