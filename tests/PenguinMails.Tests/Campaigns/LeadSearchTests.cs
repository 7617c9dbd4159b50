using System.Net;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Shared.Database;

namespace PenguinMails.Tests.Campaigns;

public sealed class LeadSearchTests(HostFixture host)
{
    private static readonly string[] Sorts = ["created", "email", "name", "company", "score"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Orders => [.. Sorts.SelectMany(sort => new[] { sort, $"-{sort}" })];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Each_order_pages_through_each_lead_once_while_others_come(string sort)
    {
        var tenant = await host.ATenantAsync(Ct);
        // Few names and companies, so that ids must tell leads apart; some have none.
        var csv = new StringBuilder("email,name,company\n");
        for (var number = 0; number < 60; number++)
        {
            csv.Append($"{(char)('a' + number % 7)}{number}@recipient.example,{(number % 5 == 0 ? "" : $"Näme {number % 4}")},{(char)('A' + number % 3)} Inc\n");
        }

        await tenant.UploadAsync("leads/import", csv.ToString(), Ct);
        await host.QueryAsync("UPDATE leads SET score = length(email) % 3 - 1 WHERE tenant_id = $1", Ct, tenant.TenantId);
        var late = 0;

        var seen = await tenant.AllAsync($"leads?sort={sort}&limit=7", Ct, async () =>
            await host.QueryAsync("INSERT INTO leads (tenant_id, email, name, company) VALUES ($1, $2, 'Näme 2', 'B Inc')", Ct, tenant.TenantId, $"late{late++}@recipient.example"));

        seen.Select(lead => lead.Id()).ShouldBeUnique();
        var first = seen.Where(lead => !lead.Text("email").StartsWith("late", StringComparison.Ordinal)).Select(lead => lead.Id()).ToList();
        var column = sort.TrimStart('-') switch { "created" => "id", "score" => "score", var text => $"{text}_key" };
        var direction = sort[0] == '-' ? "DESC" : "ASC";
        first.Select(id => id.ToString()).ShouldBe(await host.QueryAsync(
            $"SELECT id FROM leads WHERE tenant_id = $1 AND email NOT LIKE 'late%' ORDER BY {column} {direction}, id {direction}", Ct, tenant.TenantId));
    }

    [Fact]
    public async Task Leads_are_found_by_what_they_begin_with()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.UploadAsync("leads/import", """
            email,name,company
            ann@acme.example,Ann Öberg,Acme
            anna_b@acme.example,anna,ACME 100%
            annab@other.example,Ännchen,Other
            bob@acme.example,Bob,

            """, Ct);

        (await FindAsync(tenant, "email=ANN")).ShouldBe("ann anna_b annab");
        (await FindAsync(tenant, "email=anna_")).ShouldBe("anna_b");
        (await FindAsync(tenant, "email=ann@")).ShouldBe("ann");
        (await FindAsync(tenant, "email=%25")).ShouldBe("");
        (await FindAsync(tenant, "name=ann")).ShouldBe("ann anna_b");
        (await FindAsync(tenant, "name=ÄNN")).ShouldBe("annab");
        (await FindAsync(tenant, "company=acme")).ShouldBe("ann anna_b");
        (await FindAsync(tenant, "company=acme&email=anna")).ShouldBe("anna_b");
        (await FindAsync(tenant, "tag=no-such-tag")).ShouldBe("");
    }

    [Fact]
    public async Task A_cursor_is_good_for_its_own_order_only()
    {
        var tenant = await host.ATenantAsync(Ct);
        await tenant.AListAsync(5, Ct);
        var cursor = (await tenant.GetAsync("leads?sort=email&limit=2", Ct)).Text("nextCursor");
        var changed = (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..];

        (await tenant.GetAsync($"leads?sort=email&limit=2&cursor={cursor}", Ct))["items"]!.AsArray().Count.ShouldBe(2);
        foreach (var wrong in new[] { $"sort=-email&cursor={cursor}", $"cursor={cursor}", $"sort=email&cursor={changed}", "sort=email&cursor=", "cursor=nonsense" })
        {
            (await (await tenant.Http.GetAsync($"leads?{wrong}", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["cursor"], wrong);
        }
    }

    [Theory]
    [InlineData("status=gone", "status")]
    [InlineData("sort=phone", "sort")]
    [InlineData("attribute=city", "attribute")]
    [InlineData("limit=201", "limit")]
    public async Task A_filter_that_is_not_understood_is_refused(string query, string field)
    {
        var tenant = await host.ATenantAsync(Ct);

        (await (await tenant.Http.GetAsync($"leads?{query}", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
    }

    [Fact]
    public async Task Each_search_looks_into_an_index_below_the_policy()
    {
        var tenant = Guid.CreateVersion7();
        await host.QueryAsync("INSERT INTO tenants (id, name) VALUES ($1, 'T')", Ct, tenant);
        await host.QueryAsync("""
            INSERT INTO leads (tenant_id, email, name, company) SELECT $1, md5(n::text) || '@recipient.example', 'N' || md5(n::text), 'C' || md5(n::text)
            FROM generate_series(1, 20000) n
            """, Ct, tenant);
        await host.QueryAsync("ANALYZE leads", Ct);
        var somewhere = new Guid("0199aaaa-0000-7000-8000-000000000000");
        var wrong = new List<string>();
        foreach (var (name, filter, sort, key) in new (string, LeadFilter, LeadSort, string?)[]
        {
            ("e-mail", new() { Email = "ab" }, LeadSort.Email, null),
            ("e-mail's next page", new() { Email = "ab" }, LeadSort.Email, "abc"),
            ("name", new() { Name = "Nab" }, LeadSort.Name, null),
            ("company", new() { Company = "Cab" }, LeadSort.Company, null),
            ("by e-mail", new(), LeadSort.Email, "abc"),
            ("by name", new(), LeadSort.Name, "nabc"),
            ("by company", new(), LeadSort.Company, "cabc"),
            ("by score", new(), LeadSort.Score, "0"),
            ("by time", new(), LeadSort.Created, ""),
        })
        {
            foreach (var isDescending in new[] { false, true })
            {
                var order = new LeadOrder(sort, isDescending);
                var plan = await PlanAsync(tenant, filter, order, key is null ? null : new LeadCursor(order, somewhere, key));
                var isIndexed = plan.Contains("Index") && !plan.Contains("Seq Scan") && Passed(plan) <= 200;
                wrong.AddRange(isIndexed ? [] : [$"{name}, {order}: {plan}"]);
            }
        }

        wrong.ShouldBeEmpty();
    }

    // As the host's own role, under the policy: what EXPLAIN says of the statement that a page is read by.
    private async Task<string> PlanAsync(Guid tenant, LeadFilter filter, LeadOrder order, LeadCursor? after)
    {
        await using var scope = host.ScopeOf(tenant);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        var query = await scope.ServiceProvider.GetRequiredService<LeadSearch>().OrderedAsync(filter, order, after, Ct);
        await using var command = query.Take(51).CreateDbCommand();
        await using var transaction = await TenantTransaction.BeginAsync(db, Ct);
        command.Connection = transaction.Connection;
        command.CommandText = $"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {command.CommandText}";
        await using var reader = await command.ExecuteReaderAsync(Ct);
        var plan = new StringBuilder();
        while (await reader.ReadAsync(Ct))
        {
            plan.AppendLine(reader.GetString(0));
        }

        return plan.ToString();
    }

    // The most rows that any part of the plan read or threw away.
    private static int Passed(string plan) => System.Text.RegularExpressions.Regex.Matches(plan, @"rows=(\d+)|Removed by Filter: (\d+)")
        .Max(match => int.Parse(match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value));

    private static async Task<string> FindAsync(TenantClient tenant, string query) => string.Join(' ',
        (await tenant.GetAsync($"leads?{query}", Ct))["items"]!.AsArray().Select(lead => lead!.Text("email").Split('@')[0]).Order(StringComparer.Ordinal));
}
