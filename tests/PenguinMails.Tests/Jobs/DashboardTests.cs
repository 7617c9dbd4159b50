using System.Net;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tests.Jobs;

public sealed class DashboardTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Staff_who_manage_jobs_open_it_in_a_browser_and_only_while_they_may()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var opened = await staff.Http.PostAsync("staff/jobs/dashboard-session", null, Ct);
        opened.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var cookie = opened.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldEndWith("; path=/jobs; samesite=strict; httponly");
        using var browser = Browser(cookie.Split(';')[0]);

        (await browser.GetAsync("/jobs", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await browser.GetAsync("/jobs/recurring", Ct)).Content.ReadAsStringAsync(Ct)).ShouldContain("security.seal");
        // The cookie is the dashboard's alone.
        (await browser.GetAsync("/api/v1/staff/jobs", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        await host.QueryAsync("UPDATE staff_members SET role_id = 3 WHERE user_id = $1", Ct, staff.UserId);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(staff.UserId), Ct);
        (await browser.GetAsync("/jobs", Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        await host.QueryAsync("DELETE FROM user_sessions WHERE user_id = $1", Ct, staff.UserId);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(staff.UserId), Ct);
        (await browser.GetAsync("/jobs", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_change_needs_the_pages_own_token_and_is_audited()
    {
        var staff = await host.AStaffMemberAsync(role: 2, Ct);
        var cookie = (await staff.Http.PostAsync("staff/jobs/dashboard-session", null, Ct)).Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        using var browser = Browser(cookie);

        using var form = new FormUrlEncodedContent([new("jobs[]", "no.such-job")]);
        (await browser.PostAsync("/jobs/recurring/trigger", form, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        (await host.QueryAsync("SELECT resource_id FROM audit_log WHERE actor_user_id = $1 AND action = 'jobs.dashboard'", Ct, staff.UserId))
            .ShouldBe(["/recurring/trigger"]);
    }

    [Fact]
    public async Task Nobody_else_sees_it()
    {
        using var nobody = Browser("penguinmails-jobs=CfDJ8Nonsense");
        (await nobody.GetAsync("/jobs", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await nobody.GetAsync("/jobs/recurring", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var person in new[] { await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(new Uri(host.Url), "/jobs"));
            (await person.Http.SendAsync(request, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await person.Http.PostAsync("staff/jobs/dashboard-session", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    private HttpClient Browser(string cookie)
    {
        var http = new HttpClient(new HttpClientHandler { UseCookies = false }) { BaseAddress = new Uri(host.Url) };
        http.DefaultRequestHeaders.Add("Cookie", cookie);
        return http;
    }
}
