using System.Net;
using System.Net.Http.Json;

namespace PenguinMails.Tests.Tenancy;

public sealed class CompanyTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_company_is_made_read_changed_and_deleted()
    {
        var tenant = await host.ATenantAsync(Ct);
        var name = $"Café Müller & Co. {Guid.CreateVersion7():N}";

        var made = await tenant.PostAsync("companies", new { Name = name, PostalAddress = "1 Street" }, Ct);

        made.Text("workspaceName").ShouldStartWith("cafe-muller-co-");
        made.Text("status").ShouldBe("active");
        (await tenant.GetAsync($"companies/{made.Id()}", Ct)).ToJsonString().ShouldBe(made.ToJsonString());
        var changed = await (await tenant.Http.PatchAsJsonAsync($"companies/{made.Id()}", new { Status = "archived", PostalAddress = "" }, Ct)).ReadAsync(Ct);
        (changed.Text("name"), changed.Text("status"), changed["postalAddress"]).ShouldBe((name, "archived", null));
        (await tenant.GetAsync("companies?status=archived", Ct))["items"]!.AsArray().Single()!.Id().ShouldBe(made.Id());
        (await tenant.Http.DeleteAsync($"companies/{made.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.GetAsync($"companies/{made.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Companies_of_one_name_get_slugs_of_their_own()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var name = $"Twins {Guid.CreateVersion7():N}";

        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => (number % 2 == 0 ? tenant : other).PostAsync("companies", new { Name = name }, Ct)));

        made.Select(company => company.Text("workspaceName")).Distinct().Count().ShouldBe(8);
        made.Count(company => company.Text("workspaceName") == name.Replace(' ', '-').ToLowerInvariant()).ShouldBe(1);
        var taken = await other.Http.PatchAsJsonAsync($"companies/{other.CompanyId}", new { WorkspaceName = made[0].Text("workspaceName") }, Ct);
        await taken.ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task A_company_in_use_and_the_only_company_stay()
    {
        var tenant = await host.ATenantAsync(Ct);
        (await tenant.Http.DeleteAsync($"companies/{tenant.CompanyId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await tenant.PostAsync("companies", new { Name = "Another" }, Ct);
        await tenant.ADomainAsync(Ct);

        var answer = await tenant.Http.DeleteAsync($"companies/{tenant.CompanyId}", Ct);

        (await answer.ProblemAsync(HttpStatusCode.Conflict, Ct)).Text("title").ShouldContain("domains");
    }

    [Fact]
    public async Task Members_of_the_tenant_work_for_its_companies_and_strangers_do_not()
    {
        var (tenant, stranger) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var member = await host.AColleagueAsync(tenant, "member", Ct);
        var path = $"companies/{tenant.CompanyId}/members";

        (await tenant.Http.PutAsJsonAsync($"{path}/{member.UserId}", new { Role = "viewer" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.PutAsJsonAsync($"{path}/{member.UserId}", new { Role = "admin" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.PutAsJsonAsync($"{path}/{stranger.UserId}", new { Role = "admin" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        var listed = (await tenant.GetAsync(path, Ct))["items"]!.AsArray().Single(one => one!["userId"]!.GetValue<Guid>() == member.UserId)!;
        (listed.Text("role"), listed.Text("email")).ShouldBe(("admin", member.Email));
        (await tenant.Http.DeleteAsync($"{path}/{member.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await tenant.Http.DeleteAsync($"{path}/{member.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await member.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Refuses_bad_input_by_its_field()
    {
        var tenant = await host.ATenantAsync(Ct);

        var made = await tenant.Http.PostAsJsonAsync("companies", new { Name = "", LogoUrl = "logo" }, Ct);
        var changed = await tenant.Http.PatchAsJsonAsync($"companies/{tenant.CompanyId}", new { WorkspaceName = "Not A Slug", Status = "lost" }, Ct);

        (await made.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["logoUrl", "name"]);
        (await changed.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["status", "workspaceName"]);
    }
}
