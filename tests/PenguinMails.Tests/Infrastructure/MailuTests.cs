using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Data;
using PenguinMails.Infrastructure.Features.EmailAccounts;
using PenguinMails.Infrastructure.Mailu;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tests.Infrastructure.Addresses;
using PenguinMails.Tests.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>Mailboxes on the platform's own Mailu, and what becomes of them when it fails. Faults are of one test's address alone.</summary>
public sealed class MailuTests(HostFixture host, HostWithMailu beside) : IClassFixture<HostWithMailu>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Domain_user_password_and_dkim_are_made_and_the_password_is_only_in_the_secret_store()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var (name, email) = (domain.Text("domain"), $"ann@{domain["domain"]}");

        var mailbox = await CreateAsync(tenant, domain, "Ann");

        mailbox.Text("provider").ShouldBe("mailu");
        mailbox["smtp"]!.ToJsonString().ShouldBe($$"""{"host":"localhost","port":465,"username":"{{email}}","security":"auto"}""");
        mailbox["imap"]!.ToJsonString().ShouldBe($$"""{"host":"localhost","port":993,"username":"{{email}}","security":"auto"}""");
        beside.Mailu.Domains[name]["dns_dkim"].ShouldNotBeNull();
        var password = PasswordOf(email);
        password.Length.ShouldBe(32);
        beside.Mailu.Users[email]["enabled"]!.GetValue<bool>().ShouldBeTrue();
        (await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct)).ToJsonString().ShouldNotContain(password);
        (await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct)).ToJsonString().ShouldNotContain(password);
        (await SecretsAsync(tenant)).ShouldBe([$"smtp/{tenant.TenantId}/{mailbox.Id()}"]);
        beside.Process.Output.ShouldNotContain(password);
        beside.Process.Output.ShouldNotContain(MailuDouble.Token);
    }

    [Fact]
    public async Task A_password_is_rotated_there_and_here()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var mailbox = await CreateAsync(tenant, domain, "Ann");
        var before = PasswordOf(mailbox.Text("email"));

        await (await tenant.Http.PatchAsJsonAsync($"email-accounts/{mailbox.Id()}", new { RotatePassword = true }, Ct)).ReadAsync(Ct);

        PasswordOf(mailbox.Text("email")).ShouldNotBe(before);
        (await host.QueryAsync("SELECT version FROM secrets WHERE path = $1", Ct, $"smtp/{tenant.TenantId}/{mailbox.Id()}")).ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_deleted_mailbox_is_deleted_there_too()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var mailbox = await CreateAsync(tenant, domain, "Ann");

        (await tenant.Http.DeleteAsync($"email-accounts/{mailbox.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        beside.Mailu.Users.ShouldNotContainKey(mailbox.Text("email"));
        (await SecretsAsync(tenant)).ShouldBeEmpty();
        (await tenant.Http.GetAsync($"email-accounts/{mailbox.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task While_mailu_is_away_a_deletion_is_left_half_done_and_can_be_repeated()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var mailbox = await CreateAsync(tenant, domain, "Ann");
        var path = $"email-accounts/{mailbox.Id()}";
        using (Fault(domain, Answer(503, "{}")))
        {
            await (await tenant.Http.DeleteAsync(path, Ct)).ProblemAsync(HttpStatusCode.ServiceUnavailable, Ct);
        }

        (await tenant.GetAsync(path, Ct)).Text("status").ShouldBe("disabled");
        await (await tenant.Http.PostAsJsonAsync($"{path}/resume", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await tenant.Http.DeleteAsync(path, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        beside.Mailu.Users.ShouldNotContainKey(mailbox.Text("email"));
    }

    [Fact]
    public async Task A_purged_tenants_users_go_from_mailu_and_a_purge_that_could_not_is_to_be_repeated()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var mailbox = await CreateAsync(tenant, domain, "Ann");
        await using var scope = host.ScopeOf(tenant.TenantId);
        using var http = new HttpClient { BaseAddress = new Uri($"{beside.Mailu.Url}/api/v1/") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", MailuDouble.Token);
        var options = Options.Create(new MailuOptions { ApiUrl = http.BaseAddress, Token = MailuDouble.Token, Host = "localhost" });
        var forget = new ForgetMailuUsers(
            scope.ServiceProvider.GetRequiredService<InfrastructureDb>(), new MailuClient(new MailuApi(http, NullLogger<MailuApi>.Instance), options));
        using (Fault(domain, Answer(503, "{}")))
        {
            await Should.ThrowAsync<InvalidOperationException>(() => forget.Handle(new TenantPurging(tenant.TenantId), Ct));
        }

        await forget.Handle(new TenantPurging(tenant.TenantId), Ct);
        await forget.Handle(new TenantPurging(tenant.TenantId), Ct);

        beside.Mailu.Users.ShouldNotContainKey(mailbox.Text("email"));
    }

    public static TheoryData<string, int> Faults() => new()
    {
        { "401", 502 }, { "403", 502 }, { "redirect", 502 }, { "not JSON", 502 }, { "other JSON", 502 }, { "HTML 404", 502 }, { "no number", 502 },
        { "429", 503 }, { "429 for an hour", 503 }, { "500", 503 }, { "silence", 503 }, { "reset", 503 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_mailu_is_told_and_the_next_attempt_makes_the_mailbox(string fault, int status)
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        using (Fault(domain, http => MakeAsync(fault, http)))
        {
            var answer = await PostAsync(tenant, domain, "Ann");

            var problem = await answer.ProblemAsync((HttpStatusCode)status, Ct);
            problem.Text("title").ShouldStartWith("The mail server's administration");
            (answer.Headers.RetryAfter?.Delta is not null).ShouldBe(status == 503);
            if (fault == "429 for an hour")
            {
                answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromHours(1));
            }
        }

        (await SecretsAsync(tenant)).ShouldBeEmpty();
        (await tenant.GetAsync("email-accounts", Ct))["items"]!.AsArray().ShouldBeEmpty();
        await CreateAsync(tenant, domain, "Ann");
    }

    [Theory]
    [InlineData("429")]
    [InlineData("500")]
    [InlineData("silence")]
    [InlineData("reset")]
    public async Task A_fault_that_passes_is_not_noticed(string fault)
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var left = 2;
        using (Fault(domain, http => Interlocked.Decrement(ref left) >= 0 ? MakeAsync(fault, http) : Task.FromResult(false)))
        {
            await CreateAsync(tenant, domain, "Ann");
        }

        left.ShouldBeLessThan(0);
    }

    [Fact]
    public async Task A_lost_answer_to_the_making_of_a_user_makes_no_second_one_and_the_password_holds()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var email = $"ann@{domain["domain"]}";
        using (Fault(domain, async http =>
        {
            if (http.Request.Method != "POST" || beside.Mailu.Users.ContainsKey(email))
            {
                return false;
            }

            // It is done, and the answer never comes.
            beside.Mailu.Users[email] = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
            http.Abort();
            return true;
        }, "POST user"))
        {
            await CreateAsync(tenant, domain, "Ann");
        }

        beside.Mailu.Requests.Count(request => request == $"PATCH user/{email}").ShouldBe(1);
        PasswordOf(email).Length.ShouldBe(32);
    }

    [Fact]
    public async Task After_a_crash_between_mailu_and_our_row_the_user_is_taken_over()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var email = $"ann@{domain["domain"]}";
        using (Fault(domain, async _ =>
        {
            // Mailu makes the user, and the transaction that was to keep the row is gone.
            await host.QueryAsync(
                """
                SELECT pg_terminate_backend(pid) FROM pg_locks
                WHERE locktype = 'advisory' AND granted
                  AND (classid::bigint << 32 | objid::bigint) = hashtextextended('mailboxes:' || $1, 0)
                """, CancellationToken.None, tenant.TenantId.ToString());
            return false;
        }, "POST user"))
        {
            (await PostAsync(tenant, domain, "Ann")).StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        }

        var lost = PasswordOf(email);
        (await SecretsAsync(tenant)).ShouldBeEmpty();

        await CreateAsync(tenant, domain, "Ann");

        PasswordOf(email).ShouldNotBe(lost);
    }

    [Fact]
    public async Task A_user_that_we_did_not_make_is_not_touched()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var email = $"ann@{domain["domain"]}";
        beside.Mailu.Domains[domain.Text("domain")] = new JsonObject { ["name"] = domain.Text("domain") };
        beside.Mailu.Users[email] = new JsonObject { ["email"] = email, ["raw_password"] = "their own", ["comment"] = "PenguinMails somebody else" };

        var problem = await (await PostAsync(tenant, domain, "Ann")).ProblemAsync(HttpStatusCode.Conflict, Ct);

        problem.Text("title").ShouldContain("did not make");
        PasswordOf(email).ShouldBe("their own");
    }

    [Fact]
    public async Task A_second_mailbox_of_the_same_address_does_not_change_the_firsts_password()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PostAsync(tenant, domain, "Ann")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict).ShouldBe(3);
        beside.Mailu.Requests.ShouldNotContain($"PATCH user/ann@{domain["domain"]}");
    }

    [Fact]
    public async Task What_mailu_does_not_allow_is_the_callers()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        using (Fault(domain, Answer(400, """{"code":400,"message":"Provided email address is not a valid email address"}"""), "POST user"))
        {
            var problem = await (await PostAsync(tenant, domain, "Ann")).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);

            problem.Text("title").ShouldContain("not a valid email address");
        }
    }

    [Fact]
    public async Task A_domain_that_is_not_verified_gets_no_mailbox_there()
    {
        var (tenant, _) = await beside.ATenantAsync(Ct);
        var domain = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test", MailHosting = "platform" }, Ct);

        var problem = await (await PostAsync(tenant, domain, "Ann")).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);

        problem.Fields().ShouldBe(["domainId"]);
        beside.Mailu.Domains.ShouldNotContainKey(domain.Text("domain"));
    }

    [Fact]
    public async Task A_domain_whose_mail_is_elsewhere_gets_no_mailbox_there()
    {
        var (tenant, _) = await beside.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);

        var problem = await (await PostAsync(tenant, domain, "Ann")).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);

        problem.Fields().ShouldBe(["provider"]);
        beside.Mailu.Domains.ShouldNotContainKey(domain.Text("domain"));
    }

    [Fact]
    public async Task A_domain_keeps_its_mail_here_while_it_has_a_mailbox_there()
    {
        var (tenant, domain) = await beside.ATenantAsync(Ct);
        var mailbox = await CreateAsync(tenant, domain, "Ann");
        Task<HttpResponseMessage> MoveAsync() => tenant.Http.PatchAsJsonAsync($"domains/{domain.Id()}", new { MailHosting = "external" }, Ct);

        await (await MoveAsync()).ProblemAsync(HttpStatusCode.Conflict, Ct);
        await tenant.Http.DeleteAsync($"email-accounts/{mailbox.Id()}", Ct);
        (await (await MoveAsync()).ReadAsync(Ct)).Text("mailHosting").ShouldBe("external");
    }

    [Fact]
    public async Task Where_mailu_is_configured_no_more_its_mailboxes_can_still_be_deleted()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await host.AMailboxOfOursAsync(tenant, Ct);

        (await tenant.Http.DeleteAsync($"email-accounts/{mailbox.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await tenant.Http.GetAsync($"email-accounts/{mailbox.Id()}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_platform_without_mailu_says_so()
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);

        (await (await PostAsync(tenant, domain, "Ann")).ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["provider"]);
    }

    private static async Task<JsonNode> CreateAsync(TenantClient tenant, JsonNode domain, string name) => await (await PostAsync(tenant, domain, name)).ReadAsync(Ct);

    private static Task<HttpResponseMessage> PostAsync(TenantClient tenant, JsonNode domain, string name) => tenant.Http.PostAsJsonAsync(
        "email-accounts", new { DomainId = domain.Id(), Email = $"{name}@{domain["domain"]}", DisplayName = name, Provider = "mailu" }, Ct);

    private string PasswordOf(string email) => beside.Mailu.Users[email]["raw_password"]!.GetValue<string>();

    private Task<IReadOnlyList<string>> SecretsAsync(TenantClient tenant) =>
        host.QueryAsync("SELECT path FROM secrets WHERE tenant_id = $1 AND path NOT LIKE 'mail/dkim/%' ORDER BY path", Ct, tenant.TenantId);

    // Of requests about this domain only: tests of other classes may run meanwhile. Those of this class run one by one.
    private IDisposable Fault(JsonNode domain, Func<HttpContext, Task<bool>> fault, string only = "")
    {
        beside.Mailu.OnRequest = (http, request) =>
            request.StartsWith(only, StringComparison.Ordinal) && (only != "" || request.Contains(domain.Text("domain"))) ? fault(http) : Task.FromResult(false);
        return new Mended(beside.Mailu);
    }

    private static Func<HttpContext, Task<bool>> Answer(int status, string body, string type = "application/json") => async http =>
    {
        (http.Response.StatusCode, http.Response.ContentType) = (status, type);
        await http.Response.WriteAsync(body);
        return true;
    };

    private static async Task<bool> MakeAsync(string fault, HttpContext http)
    {
        switch (fault)
        {
            case "429 for an hour":
                http.Response.Headers.RetryAfter = "3600";
                return await Answer(429, """{"message":"Too many attempts from your IP (rate-limit)"}""")(http);
            case "redirect":
                http.Response.Headers.Location = "/api/v2/";
                return await Answer(302, "")(http);
            case "not JSON":
                return await Answer(200, "{ \"code\": 20")(http);
            case "other JSON":
                return await Answer(200, "[]")(http);
            case "no number":
                return await Answer(200, """{"code":"200"}""")(http);
            case "HTML 404":
                return await Answer(404, "<html>Not Found</html>", "text/html")(http);
            case "silence":
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                return true;
            case "reset":
                http.Abort();
                return true;
            default:
                return await Answer(int.Parse(fault), """{"message":"no"}""")(http);
        }
    }

    private sealed class Mended(MailuDouble mailu) : IDisposable
    {
        public void Dispose() => mailu.OnRequest = null;
    }
}
