using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Outbound;
using PenguinMails.Tests.Campaigns;
using PenguinMails.Tests.Infrastructure.Servers;

namespace PenguinMails.Tests.Infrastructure;

public sealed class MailboxTests(HostFixture host, DomainWithoutMailbox bare) : IClassFixture<DomainWithoutMailbox>
{
    private const string Kept = """
        SELECT (SELECT count(*) FROM email_accounts WHERE tenant_id = $1), (SELECT count(*) FROM secrets WHERE tenant_id = $1 AND path NOT LIKE 'mail/dkim/%')
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuses_a_server_that_nobody_answers_at()
    {
        int port;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            port = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        var problem = await RefusedAsync(new { Host = "127.0.0.1", Port = port, Security = "none" }, HttpStatusCode.UnprocessableEntity);

        problem.Fields().ShouldBe(["smtp.host"]);
    }

    [Theory]
    [InlineData("someone", "a-wrong-password")]
    [InlineData("nobody", "smtp-password-1")]
    public async Task Refuses_a_wrong_user_or_password(string username, string password)
    {
        await using var sink = new FaultySink();

        var problem = await RefusedAsync(new { Host = "localhost", sink.Port, Username = username, Password = password, Security = "none" },
            HttpStatusCode.UnprocessableEntity);

        problem.Fields().ShouldBe(["smtp.password"]);
        problem.ToJsonString().ShouldNotContain(password);
    }

    [Theory]
    [InlineData("starttls", "smtp.security")]
    [InlineData("tls", "smtp.host")]
    public async Task Refuses_a_server_that_has_no_tls_where_it_is_asked_for(string security, string field)
    {
        await using var sink = new FaultySink();

        var problem = await RefusedAsync(
            new { Host = "127.0.0.1", sink.Port, Username = FaultySink.Login.User, FaultySink.Login.Password, Security = security },
            HttpStatusCode.UnprocessableEntity);

        problem.Fields().ShouldBe([field]);
        problem.Text("title").ShouldContain("TLS", Case.Insensitive);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("[::ffff:10.0.0.1]")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData("fd00::1")]
    [InlineData("fe80::1")]
    [InlineData("192.168.1.1")]
    [InlineData("100.64.0.1")]
    [InlineData("0.0.0.0")]
    // Other spellings of 10.0.0.1.
    [InlineData("167772161")]
    [InlineData("0x0a000001")]
    public async Task Refuses_a_server_inside_a_network(string address)
    {
        var problem = await RefusedAsync(new { Host = address, Port = 25, Security = "none" }, HttpStatusCode.UnprocessableEntity);

        problem.Fields().ShouldBe(["smtp.host"]);
        problem.Text("title").ShouldContain("not on the public internet");
    }

    [Fact]
    public async Task Does_not_dial_a_name_that_resolves_to_an_address_inside()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        // As in production, where nothing inside is allowed.
        var dialer = new OutboundDialer(Options.Create(new OutboundOptions()));

        var dialled = await dialer.ConnectAsync("localhost", ((IPEndPoint)listener.LocalEndpoint).Port, Ct);

        dialled.Socket.ShouldBeNull();
        dialled.Problem!.ShouldContain("not on the public internet");
        listener.Pending().ShouldBeFalse();
    }

    [Theory]
    [InlineData("{ \"email\": \"a@elsewhere.example\" }", 422, "email")]
    [InlineData("{ \"email\": \"not an address\" }", 400, "email")]
    [InlineData("{ \"email\": \"\" }", 400, "email")]
    [InlineData("{ \"displayName\": \"a\\r\\nBcc: x\" }", 400, "displayName")]
    [InlineData("{ \"dailyLimit\": 0 }", 400, "dailyLimit")]
    [InlineData("{ \"minGapSeconds\": -1 }", 400, "minGapSeconds")]
    [InlineData("{ \"provider\": \"pigeon\" }", 400, "provider")]
    [InlineData("{ \"smtp\": { \"host\": \"\", \"port\": 25 } }", 400, "smtp.host")]
    [InlineData("{ \"smtp\": { \"host\": \"a b\", \"port\": 25 } }", 400, "smtp.host")]
    [InlineData("{ \"smtp\": { \"host\": \"localhost\", \"port\": 70000 } }", 400, "smtp.port")]
    [InlineData("{ \"smtp\": { \"host\": \"localhost\", \"port\": 25, \"username\": \"x\" } }", 400, "smtp.password")]
    [InlineData("{ \"imap\": { \"host\": \"localhost\", \"port\": 993 } }", 400, "imap.password")]
    [InlineData("{ \"imap\": { \"host\": \"\", \"port\": 993, \"password\": \"x\" } }", 400, "imap.host")]
    [InlineData("{ \"provider\": \"mailu\", \"smtp\": { \"host\": \"localhost\", \"port\": 25 } }", 400, "smtp")]
    public async Task Refuses_bad_input_by_its_field(string change, int status, string field)
    {
        var (tenant, domain) = (bare.Tenant, bare.Domain);
        var request = new JsonObject { ["domainId"] = domain.Id(), ["email"] = $"a@{domain["domain"]}" };
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            request[name] = value?.DeepClone();
        }

        var answer = await tenant.Http.PostAsJsonAsync("email-accounts", request, Ct);

        (await answer.ProblemAsync((HttpStatusCode)status, Ct)).Fields().ShouldBe([field]);
        (await host.QueryAsync(Kept, Ct, tenant.TenantId)).ShouldBe(["0|0"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_password_is_in_no_answer_and_only_sealed_in_the_database(bool imapHasItsOwn)
    {
        await using var sink = new FaultySink();
        await using var imap = MailDouble.Imap();
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailbox = await tenant.PostAsync("email-accounts", new
        {
            DomainId = domain.Id(),
            Email = $"a@{domain["domain"]}",
            Smtp = sink.Settings,
            Imap = new { Host = "localhost", imap.Port, Password = imapHasItsOwn ? Dovecot.Password : null, Security = "none" },
        }, Ct);
        string[] answers =
        [
            mailbox.ToJsonString(),
            (await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct)).ToJsonString(),
            (await tenant.GetAsync("email-accounts", Ct)).ToJsonString(),
            (await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct)).ToJsonString(),
            (await tenant.PostAsync($"email-accounts/{mailbox.Id()}/pause", new { }, Ct)).ToJsonString(),
        ];
        string[] passwords = [FaultySink.Login.Password, Dovecot.Password];

        answers.ShouldAllBe(answer => !passwords.Any(answer.Contains) && !answer.Contains("password", StringComparison.OrdinalIgnoreCase));
        var secrets = await host.QueryAsync("SELECT path, encode(ciphertext, 'escape') FROM secrets WHERE tenant_id = $1 ORDER BY path", Ct, tenant.TenantId);
        string[] own = imapHasItsOwn ? [$"imap/{tenant.TenantId}/{mailbox.Id()}"] : [];
        secrets.Select(row => row.Split('|')[0]).ShouldBe([.. own, $"mail/dkim/{domain["domain"]}/pm", $"smtp/{tenant.TenantId}/{mailbox.Id()}"]);
        secrets.ShouldAllBe(row => !passwords.Any(row.Contains) && !row.Contains("PRIVATE KEY"));
        var row = (await host.QueryAsync("SELECT email_accounts::text FROM email_accounts WHERE tenant_id = $1", Ct, tenant.TenantId)).Single();
        passwords.ShouldAllBe(password => !row.Contains(password));
        // What was sealed opens again: the servers ask for it, at first and when they were tested later.
        var logIn = $"LOGIN {FaultySink.Login.User} {(imapHasItsOwn ? Dovecot.Password : FaultySink.Login.Password)}";
        imap.Talks.Count.ShouldBe(2);
        imap.Talks.ShouldAllBe(talk => talk.Heard.Any(line => line.EndsWith(logIn, StringComparison.Ordinal)));
        (await RefusedAsync(new { Host = "127.0.0.1", sink.Port, FaultySink.Login.Password, Security = "none" }, HttpStatusCode.BadRequest))
            .ToJsonString().ShouldNotContain(FaultySink.Login.Password);
    }

    [Fact]
    public async Task A_mailbox_belongs_to_one_tenant_whatever_the_case_of_its_address()
    {
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAsync(Ct);

        var answer = await tenant.Http.PostAsJsonAsync("email-accounts",
            new { DomainId = mailbox["domainId"]!.GetValue<Guid>(), Email = mailbox.Text("email").ToUpperInvariant() }, Ct);

        await answer.ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Fact]
    public async Task Pauses_and_resumes_once_each()
    {
        var tenant = await host.ATenantAsync(Ct);
        var path = $"email-accounts/{(await tenant.AMailboxAsync(Ct)).Id()}";

        var paused = await tenant.PostAsync($"{path}/pause", new { Reason = "Holidays" }, Ct);
        $"{paused["status"]} {paused["statusReason"]}".ShouldBe("paused Holidays");
        await (await tenant.Http.PostAsJsonAsync($"{path}/pause", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await tenant.PostAsync($"{path}/resume", new { }, Ct)).Text("status").ShouldBe("active");
        await (await tenant.Http.PostAsJsonAsync($"{path}/resume", new { }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
    }

    [Theory]
    [InlineData(30, 0, 1, 30)]
    [InlineData(30, 0, 7, 30)]
    [InlineData(30, 3600, 1, 1)]
    [InlineData(30, 3600, 7, 1)]
    public async Task However_many_ask_at_once_for_however_many_a_days_limit_and_the_gap_hold(int limit, int gap, int wanted, int granted)
    {
        var tenant = await host.ATenantAsync(Ct);
        var domain = await tenant.ADomainAsync(Ct);
        var mailbox = await tenant.PostAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a@{domain["domain"]}", DailyLimit = limit }, Ct);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            await using var scope = host.ScopeOf(tenant.TenantId);
            return await scope.ServiceProvider.GetRequiredService<ISender>().Send(
                new ReserveSend(mailbox.Id(), gap, [.. Enumerable.Repeat("recipient.example", wanted)]), Ct);
        }));

        answers.ShouldAllBe(turns => turns.Count == wanted);
        var all = answers.SelectMany(turns => turns).ToList();
        all.Count(turn => turn.Granted).ShouldBe(granted);
        all.ShouldAllBe(turn => turn.Granted == (turn.RetryAt == null) && turn.SmtpIpAddressId == null);
        all.Where(turn => !turn.Granted).ShouldAllBe(turn => turn.RetryAt > TimeProvider.System.GetUtcNow() && turn.Reason != null);
        (await host.QueryAsync("SELECT daily_count FROM email_accounts WHERE id = $1", Ct, mailbox.Id())).ShouldBe([$"{granted}"]);
    }

    [Fact]
    public async Task A_mailbox_of_another_tenant_grants_nothing()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        var mailbox = await other.AMailboxAsync(Ct);
        await using var scope = host.ScopeOf(tenant.TenantId);

        var answer = await scope.ServiceProvider.GetRequiredService<ISender>().Send(new ReserveSend(mailbox.Id(), 0, ["recipient.example"]), Ct);

        var turn = answer.ShouldHaveSingleItem();
        turn.Granted.ShouldBeFalse();
        turn.RetryAt.ShouldNotBeNull();
        (await host.QueryAsync("SELECT coalesce(daily_count, 0) FROM email_accounts WHERE id = $1", Ct, mailbox.Id())).ShouldBe(["0"]);
    }

    // Asks for a mailbox with these settings; nothing of it is kept.
    private async Task<JsonNode> RefusedAsync(object smtp, HttpStatusCode status)
    {
        var (tenant, domain) = (bare.Tenant, bare.Domain);
        var answer = await tenant.Http.PostAsJsonAsync("email-accounts", new { DomainId = domain.Id(), Email = $"a@{domain["domain"]}", Smtp = smtp }, Ct);
        var problem = await answer.ProblemAsync(status, Ct);
        (await host.QueryAsync(Kept, Ct, tenant.TenantId)).ShouldBe(["0|0"]);
        return problem;
    }
}
