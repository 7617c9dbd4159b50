using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using PenguinMails.Tests.Campaigns;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>
/// Drives what touches secrets, in good and bad times, and then looks for them in every answer, log line and trace: as they are, in
/// base64 and as part of a URL.
/// </summary>
[Collection(nameof(VaultHost))]
public sealed class SecretLeakTests : IDisposable
{
    private const string NewPassword = "canary-new-password-1";
    private const string WrongPassword = "canary-wrong-password-1";
    private const string WrongSmtpPassword = "canary-smtp/wrong+password=1";
    private const string Setting = "canary-setting-value-1";
    private const string WrongKey = "pm_live_canaryCanaryCanaryCanaryCanary01";

    // The answers whose purpose it is to show a secret, once.
    private static readonly Dictionary<string, string> ShownOnce = new()
    {
        ["POST auth/log-in"] = "token",
        ["POST api-keys"] = "API key",
        ["POST account/two-factor"] = "authenticator key",
        ["POST account/two-factor/enable"] = "recovery code",
        ["GET staff/config/{key}?reveal=true"] = "setting",
    };

    private readonly ConcurrentDictionary<string, string> _canaries = new();
    private readonly Recorder _answers = new();
    private readonly VaultHost _vaulted;
    private readonly HostFixture _host;

    public SecretLeakTests(HostFixture host, VaultHost vaulted)
    {
        DataDirectory.NeedsUnix();
        (_host, _vaulted) = (host, vaulted);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private FakeVault Vault => _vaulted.Vault;

    public void Dispose()
    {
        Vault.Fault = null;
        _answers.Dispose();
    }

    [Fact]
    public async Task No_secret_is_in_an_answer_a_log_line_or_a_trace()
    {
        Note("password", Given.Password, NewPassword, WrongPassword);
        Note("SMTP password", FaultySink.Login.Password, WrongSmtpPassword);
        Note("Vault secret", FakeVault.SecretId);
        Note("setting", Setting);
        Note("API key", WrongKey);
        var tenant = await _vaulted.ATenantAsync(Ct, _answers);
        await LogInsAsync(tenant);
        await KeysAsync(tenant);
        await SettingsAsync(tenant);
        await MailboxesAsync(tenant);
        await VaultFaultsAsync(tenant);
        Note("Vault token", Vault.Given!);

        var last = Guid.CreateVersion7().ToString();
        await tenant.Http.GetAsync($"domains/{last}", Ct);
        await Given.EventuallyAsync(() => Task.FromResult(_vaulted.Telemetry.Contains(last) && _vaulted.Log.Contains(last)), told => told, Ct);

        // What is looked through is all there.
        _answers.Seen.Count.ShouldBeGreaterThan(50);
        _vaulted.Log.ShouldContain("trce: ");
        _vaulted.Log.ShouldContain("INSERT INTO email_accounts");
        _vaulted.Telemetry.ShouldContain("secret/data/penguinmails/smtp/");
        _canaries.Values.Distinct().ShouldBe(["password", "SMTP password", "Vault secret", "setting", "API key", "token", "authenticator key", "recovery code", "DKIM key", "Vault token"], ignoreOrder: true);
        Leaks().ShouldBeEmpty();
    }

    private IEnumerable<string> Leaks()
    {
        (string Name, string Text)[] places = [.. _answers.Seen, ("the log", _vaulted.Log), ("the telemetry", _vaulted.Telemetry)];
        foreach (var (canary, kind) in _canaries)
        {
            var forms = new[] { canary, Convert.ToBase64String(Encoding.UTF8.GetBytes(canary)).TrimEnd('='), Uri.EscapeDataString(canary), WebUtility.UrlEncode(canary) };
            foreach (var place in places.Where(place => forms.Any(form => place.Text.Contains(form, StringComparison.OrdinalIgnoreCase))
                && ShownOnce.GetValueOrDefault(place.Name) != kind))
            {
                yield return $"{kind} in {place.Name}";
            }
        }
    }

    private async Task LogInsAsync(TenantClient tenant)
    {
        await tenant.Http.PostAsJsonAsync("auth/log-in", new { tenant.Email, Password = WrongPassword }, Ct);
        await tenant.Http.PostAsJsonAsync("auth/log-in", new { Email = "no address", Password = WrongPassword }, Ct);
        await SendRawAsync(tenant, "auth/log-in", $$"""{ "email": "{{tenant.Email}}", "password": "{{WrongPassword}}" """);
        await SendRawAsync(tenant, "auth/log-in", $$"""{ "email": { "password": "{{WrongPassword}}" }, "password": ["{{WrongPassword}}"] }""");
        await tenant.Http.PutAsJsonAsync("account/password", new { CurrentPassword = WrongPassword, NewPassword }, Ct);
        await tenant.Http.PutAsJsonAsync("account/password", new { CurrentPassword = Given.Password, NewPassword = new string('x', 120) + NewPassword }, Ct);
        (await tenant.Http.PutAsJsonAsync("account/password", new { CurrentPassword = Given.Password, NewPassword }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var enrolment = await tenant.PostAsync("account/two-factor", new { Password = NewPassword }, Ct);
        Note("authenticator key", enrolment.Text("key"));
        await tenant.Http.PostAsJsonAsync("account/two-factor/enable", new { Code = "000000" }, Ct);
        var authenticator = new Authenticator(enrolment.Text("key"));
        var enabled = await tenant.PostAsync("account/two-factor/enable", new { Code = authenticator.NextCode() }, Ct);
        Note("recovery code", [.. enabled["recoveryCodes"]!.AsArray().Select(code => code!.GetValue<string>())]);
        var grant = await tenant.PostAsync(
            "auth/log-in", new { tenant.Email, Password = NewPassword, TwoFactorCode = authenticator.NextCode() }, Ct);
        Note("token", grant.Text("accessToken"), grant.Text("refreshToken"));
        tenant.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", grant.Text("accessToken"));
    }

    private async Task KeysAsync(TenantClient tenant)
    {
        var key = (await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "leads:read" } }, Ct)).Text("key");
        Note("API key", key);
        await tenant.GetAsync("api-keys", Ct);
        using var program = new HttpClient(_answers, disposeHandler: false) { BaseAddress = _vaulted.Url };
        foreach (var (one, status) in new[] { (key, HttpStatusCode.OK), (WrongKey, HttpStatusCode.Unauthorized) })
        {
            program.DefaultRequestHeaders.Remove("X-API-Key");
            program.DefaultRequestHeaders.Add("X-API-Key", one);
            (await program.GetAsync("leads", Ct)).StatusCode.ShouldBe(status);
        }
    }

    private async Task SettingsAsync(TenantClient tenant)
    {
        await _vaulted.AppointAsync(tenant, role: 1, Ct);
        var path = $"staff/config/canary-{Guid.CreateVersion7():N}";
        (await tenant.Http.PutAsJsonAsync(path, new { Value = Setting, ValueType = "integer", IsSensitive = true }, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await (await tenant.Http.PutAsJsonAsync(path, new { Value = Setting, ValueType = "string", IsSensitive = true }, Ct)).ReadAsync(Ct);
        await tenant.GetAsync("staff/config", Ct);
        await tenant.GetAsync(path, Ct);
        (await tenant.GetAsync($"{path}?reveal=true", Ct)).Text("value").ShouldBe(Setting);
        await tenant.GetAsync("staff/audit-log", Ct);
    }

    private async Task MailboxesAsync(TenantClient tenant)
    {
        await using var sink = new FaultySink();
        var domain = await tenant.ADomainAsync(Ct);
        int closed;
        using (var listener = new TcpListener(IPAddress.Loopback, 0))
        {
            listener.Start();
            closed = ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        foreach (var (host, port, user, security) in new[]
        {
            ("127.0.0.1", sink.Port, "someone", "none"), ("127.0.0.1", closed, "someone", "none"), ("127.0.0.1", sink.Port, "someone", "tls"),
            ("127.0.0.1", sink.Port, "", "none"), ("10.0.0.1", 25, "someone", "none"), ("a b", 25, "someone", "none"),
        })
        {
            var refused = await tenant.Http.PostAsJsonAsync("email-accounts", new
            {
                DomainId = domain.Id(), Email = $"a@{domain["domain"]}",
                Smtp = new { Host = host, Port = port, Username = user, Password = WrongSmtpPassword, Security = security },
            }, Ct);
            ((int)refused.StatusCode).ShouldBeInRange(400, 422);
        }

        var email = $"a@{domain["domain"]}";
        await SendRawAsync(tenant, "email-accounts", $$"""{ "email": "{{email}}", "smtp": { "port": "x", "password": "{{WrongSmtpPassword}}" } }""");
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct);
        await tenant.GetAsync($"email-accounts/{mailbox.Id()}", Ct);
        await tenant.GetAsync("domains", Ct);
        var scene = await CampaignScene.DraftAsync(
            _host, tenant, [mailbox], await tenant.AListAsync(2, Ct), Ct, CampaignScene.Email(await tenant.ATemplateAsync(Ct)));
        await scene.LaunchAsync(Ct);
        await scene.CompletedAsync(Ct);
        sink.Taken.ShouldAllBe(mail => mail.Headers.Contains("DKIM-Signature"));
        sink.Taken.Count.ShouldBe(2);
        Note("DKIM key", Vault.Values($"penguinmails/mail/dkim/{domain["domain"]}/pm").Single()!.Split('\n')[3]);
    }

    private async Task VaultFaultsAsync(TenantClient tenant)
    {
        await using var sink = new FaultySink();
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var domainId = mailbox["domainId"]!.GetValue<Guid>();
        Note("Vault token", Vault.Given!);
        foreach (var fault in new[]
        {
            FakeVault.Status(403, "permission denied"), FakeVault.Status(429, "rate limited"), FakeVault.Status(500, "internal error"),
            FakeVault.Status(503, "Vault is sealed"), FakeVault.Broken, FakeVault.Reset, FakeVault.Hang,
        })
        {
            Vault.FaultAlways(fault);
            (await tenant.Http.PostAsync($"email-accounts/{mailbox.Id()}/test", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            (await tenant.Http.PostAsJsonAsync("email-accounts", new
            {
                DomainId = domainId, Email = $"b{mailbox.Text("email")}", Smtp = sink.Settings,
            }, Ct)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        }

        Vault.Fault = null;
        Vault.Revoke(Vault.Given!);
        await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct);
    }

    private static async Task SendRawAsync(TenantClient tenant, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        (await tenant.Http.PostAsync(path, content, Ct)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    private void Note(string kind, params string[] values)
    {
        foreach (var value in values)
        {
            _canaries[value] = kind;
        }
    }

    /// <summary>Keeps each answer with its headers.</summary>
    private sealed class Recorder() : DelegatingHandler(new SocketsHttpHandler())
    {
        public ConcurrentQueue<(string Request, string Text)> Seen { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            var answer = await base.SendAsync(request, ct);
            await answer.Content.LoadIntoBufferAsync(ct);
            var path = request.RequestUri!.PathAndQuery.Replace("/api/v1/", "");
            Seen.Enqueue((
                $"{request.Method} {(path.StartsWith("staff/config/canary-", StringComparison.Ordinal) ? $"staff/config/{{key}}{request.RequestUri.Query}" : path)}",
                $"{answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync(ct)}"));
            return answer;
        }
    }
}
