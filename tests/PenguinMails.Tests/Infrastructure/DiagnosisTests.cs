using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PenguinMails.Tests.Campaigns;
using PenguinMails.Tests.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>What is said of servers that do not let a mailbox in.</summary>
public sealed class DiagnosisTests(HostFixture host, DomainWithoutMailbox bare) : IClassFixture<DomainWithoutMailbox>
{
    private const string Garbage = "HTTP/1.1 400 Bad Request";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_steps_of_servers_that_let_us_in_are_ok_and_nothing_is_kept()
    {
        await using var sink = new FaultySink();
        await using var imap = MailDouble.Imap();

        var answer = await TestAsync(new { Smtp = sink.Settings, Imap = ImapAt(imap) });

        answer["ok"]!.GetValue<bool>().ShouldBeTrue();
        Steps(answer["smtp"]!).ShouldBe(["dns ok", "tcp ok", "greeting ok", "tls skipped", "auth ok"]);
        Steps(answer["imap"]!).ShouldBe(["dns ok", "tcp ok", "greeting ok", "tls skipped", "auth ok"]);
        answer["smtp"]!["milliseconds"]!.GetValue<int>().ShouldBeGreaterThanOrEqualTo(0);
        sink.Taken.ShouldBeEmpty();
        (await host.QueryAsync("SELECT count(*) FROM email_accounts WHERE tenant_id = $1", Ct, bare.Tenant.TenantId)).ShouldBe(["0"]);
    }

    [Fact]
    public async Task A_name_that_nobody_knows_fails_at_dns()
    {
        var smtp = (await TestAsync(new { Smtp = new { Host = "no-such-host.invalid", Port = 25 } }))["smtp"]!;

        Steps(smtp).ShouldBe(["dns failed", "tcp skipped", "greeting skipped", "tls skipped", "auth skipped"]);
        Failed(smtp).Text("advice").ShouldContain("spelt");
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_fails_at_tcp()
    {
        var imap = (await TestAsync(new { Imap = new { Host = "localhost", Port = Ports.Free(), Username = "a", Password = "b", Security = "tls" } }))["imap"]!;

        Steps(imap).ShouldBe(["dns ok", "tcp failed", "tls skipped", "greeting skipped", "auth skipped"]);
        Failed(imap).Text("advice").ShouldContain("port");
    }

    [Theory]
    [InlineData("imap")]
    [InlineData("smtp")]
    public async Task A_server_that_speaks_something_else_fails_at_the_greeting(string protocol)
    {
        await using var server = new MailDouble(talk => talk.SayAsync(Garbage));

        Steps(await TestAsync(protocol, server)).ShouldBe(["dns ok", "tcp ok", "greeting failed", "tls skipped", "auth skipped"]);
    }

    [Theory]
    [InlineData("imap")]
    [InlineData("smtp")]
    public async Task A_server_that_hangs_up_fails_at_the_greeting(string protocol)
    {
        await using var server = new MailDouble(_ => Task.CompletedTask);

        Steps(await TestAsync(protocol, server)).ShouldBe(["dns ok", "tcp ok", "greeting failed", "tls skipped", "auth skipped"]);
    }

    [Theory]
    [InlineData("imap")]
    [InlineData("smtp")]
    public async Task Garbage_where_tls_is_to_begin_fails_at_tls(string protocol)
    {
        await using var server = new MailDouble(talk => talk.SayAsync(Garbage));

        Steps(await TestAsync(protocol, server, "tls")).ShouldBe(["dns ok", "tcp ok", "tls failed", "greeting skipped", "auth skipped"]);
    }

    [Fact]
    public async Task Imap_without_starttls_fails_at_tls()
    {
        await using var server = MailDouble.Imap();

        var imap = await TestAsync("imap", server, "starttls");

        Steps(imap).ShouldBe(["dns ok", "tcp ok", "greeting ok", "tls failed", "auth skipped"]);
        Failed(imap).Text("message").ShouldContain("STARTTLS");
        server.Talks.ShouldAllBe(talk => !talk.Heard.Any(line => line.Contains("LOGIN")));
    }

    [Theory]
    [InlineData("NO [AUTHENTICATIONFAILED] Authentication failed.")]
    [InlineData("NO imap-password-1 is wrong")]
    public async Task A_refused_log_in_fails_at_auth_and_does_not_show_the_password(string refusal)
    {
        await using var server = MailDouble.Imap(refusal);

        var imap = await TestAsync("imap", server);

        Steps(imap).ShouldBe(["dns ok", "tcp ok", "greeting ok", "tls skipped", "auth failed"]);
        imap.ToJsonString().ShouldNotContain(Dovecot.Password);
    }

    [Fact]
    public async Task A_server_that_hangs_up_on_the_log_in_fails_at_auth()
    {
        await using var server = MailDouble.Imap(logIn: null);

        Steps(await TestAsync("imap", server)).ShouldBe(["dns ok", "tcp ok", "greeting ok", "tls skipped", "auth failed"]);
    }

    [Theory]
    [InlineData("535-5.7.8 Username and Password not accepted. https://support.google.com/mail - gsmtp", "app password")]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.", "Microsoft 365")]
    public async Task Who_refuses_a_persons_own_password_is_told_apart(string refusal, string advice)
    {
        await using var server = new MailDouble(async talk =>
        {
            await talk.SayAsync("220 ready");
            while (await talk.HearAsync() is { } line)
            {
                await talk.SayAsync(line.StartsWith("EHLO", StringComparison.Ordinal) ? "250-here\r\n250 AUTH PLAIN"
                    : line.StartsWith("AUTH", StringComparison.Ordinal) ? refusal.Replace("535-", "535 ") : "221 bye");
            }
        });

        Failed(await TestAsync("smtp", server)).Text("advice").ShouldContain(advice);
    }

    [Fact]
    public async Task A_mailbox_is_refused_by_the_fields_of_both_servers()
    {
        await using var sink = new FaultySink();
        await using var imap = MailDouble.Imap("NO");
        var answer = await bare.Tenant.Http.PostAsJsonAsync("email-accounts", new
        {
            DomainId = bare.Domain.Id(),
            Email = $"a@{bare.Domain["domain"]}",
            Smtp = new { Host = "localhost", sink.Port, Username = "someone", Password = "a-wrong-password", Security = "none" },
            Imap = ImapAt(imap),
        }, Ct);

        var problem = await answer.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct);

        problem.Fields().ShouldBe(["smtp.password", "imap.password"], ignoreOrder: true);
        problem.ToJsonString().ShouldNotContain("a-wrong-password");
    }

    [Theory]
    [InlineData("{}", "smtp")]
    [InlineData("{ \"imap\": { \"host\": \"a b\", \"port\": 993, \"username\": \"x\", \"password\": \"y\" } }", "imap.host")]
    [InlineData("{ \"imap\": { \"host\": \"localhost\", \"port\": 0, \"username\": \"x\", \"password\": \"y\" } }", "imap.port")]
    [InlineData("{ \"imap\": { \"host\": \"localhost\", \"port\": 993, \"username\": \"x\" } }", "imap.password")]
    [InlineData("{ \"imap\": { \"host\": \"localhost\", \"port\": 993, \"password\": \"x\" } }", "imap.username")]
    public async Task Bad_settings_are_refused_by_their_field(string body, string field)
    {
        var answer = await bare.Tenant.Http.PostAsJsonAsync("email-accounts/test", JsonNode.Parse(body), Ct);

        (await answer.ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe([field]);
    }

    private static object ImapAt(MailDouble server, string security = "none") =>
        new { Host = "localhost", server.Port, Username = Dovecot.User, Dovecot.Password, Security = security };

    private async Task<JsonNode> TestAsync(string protocol, MailDouble server, string security = "none") =>
        (await TestAsync(new JsonObject { [protocol] = System.Text.Json.JsonSerializer.SerializeToNode(ImapAt(server, security)) }))[protocol]!;

    private Task<JsonNode> TestAsync(object body) => bare.Tenant.PostAsync("email-accounts/test", body, Ct);

    private static IEnumerable<string> Steps(JsonNode diagnosis) =>
        diagnosis["steps"]!.AsArray().Select(step => $"{step!.Text("step")} {step!.Text("result")}");

    private static JsonNode Failed(JsonNode diagnosis) => diagnosis["steps"]!.AsArray().Single(step => step!.Text("result") == "failed")!;
}
