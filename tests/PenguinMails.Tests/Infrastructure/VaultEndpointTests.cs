using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PenguinMails.Tests.Campaigns;
using PenguinMails.Tests.Processes;

namespace PenguinMails.Tests.Infrastructure;

[Collection(nameof(VaultHost))]
public sealed class VaultEndpointTests : IDisposable
{
    private readonly HostFixture _host;
    private readonly VaultHost _vaulted;

    public VaultEndpointTests(HostFixture host, VaultHost vaulted)
    {
        DataDirectory.NeedsUnix();
        (_host, _vaulted) = (host, vaulted);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private FakeVault Vault => _vaulted.Vault;

    public void Dispose() => Vault.Fault = null;

    [Fact]
    public async Task Keys_and_passwords_are_in_vault_and_nowhere_else_and_a_refused_domain_touches_none()
    {
        await using var sink = new FaultySink();
        var tenant = await _vaulted.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var domain = mailbox.Text("email").Split('@')[1];

        await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct);
        var other = await _vaulted.ATenantAsync(Ct);
        var again = await other.Http.PostAsJsonAsync("domains", new { other.CompanyId, Domain = domain }, Ct);

        await again.ProblemAsync(HttpStatusCode.Conflict, Ct);
        Vault.Values($"penguinmails/mail/dkim/{domain}/pm").ShouldHaveSingleItem()!.ShouldContain("PRIVATE KEY");
        Vault.Values($"penguinmails/smtp/{tenant.TenantId}/{mailbox.Id()}").ShouldBe([FaultySink.Login.Password]);
        (await _vaulted.ListAsync($"SELECT (ciphertext IS NULL)::text FROM secrets WHERE tenant_id = '{tenant.TenantId}'", Ct)).ShouldBe(["true", "true"]);
    }

    [Fact]
    public async Task While_vault_is_away_what_needs_it_is_503_and_keeps_nothing_and_the_host_is_degraded()
    {
        await using var sink = new FaultySink();
        var tenant = await _vaulted.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var request = new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" };
        foreach (var fault in new[] { FakeVault.Status(503, "Vault is sealed"), FakeVault.Status(403, "permission denied"), FakeVault.Broken, FakeVault.Reset })
        {
            Vault.FaultAlways(fault);
            await AwayAsync(await tenant.Http.PostAsJsonAsync("domains", request, Ct));
            await AwayAsync(await tenant.Http.PostAsync($"email-accounts/{mailbox.Id()}/test", null, Ct));
        }

        (await tenant.GetAsync("domains", Ct))["items"]!.AsArray().Count.ShouldBe(1);
        (await HealthAsync(tenant)).ShouldBe("Degraded");

        Vault.Fault = null;
        await tenant.PostAsync("domains", request, Ct);
        await tenant.PostAsync($"email-accounts/{mailbox.Id()}/test", new { }, Ct);
        (await HealthAsync(tenant)).ShouldBe("Healthy");
    }

    [Fact]
    public async Task A_campaign_waits_while_vault_is_away_and_goes_on_with_it()
    {
        await using var sink = new FaultySink();
        var tenant = await _vaulted.ATenantAsync(Ct);
        var (mailbox, template, list) = (await tenant.AMailboxAtAsync(sink, Ct), await tenant.ATemplateAsync(Ct), await tenant.AListAsync(3, Ct));
        var scene = await CampaignScene.DraftAsync(_host, tenant, [mailbox], list, Ct, CampaignScene.Email(template));
        Vault.FaultAlways(FakeVault.Status(503, "Vault is sealed"));

        await scene.LaunchAsync(Ct);
        var waiting = await Given.EventuallyAsync(() => scene.MessagesAsync(Ct), messages => messages.Count(IsAnswered) == 3, Ct);

        waiting.Select(message => $"{message.Text("status")}: {message.Text("error")}").Distinct().ShouldBe(["queued: The secret store does not answer."]);
        sink.Taken.ShouldBeEmpty();
        Vault.Fault = null;
        await _vaulted.ExecuteAsync(
            $"UPDATE campaign_leads SET next_run = now() WHERE campaign_id = '{scene.Id}'; UPDATE campaigns SET next_dispatch = now() WHERE id = '{scene.Id}'", Ct);
        await scene.CompletedAsync(Ct);
        sink.Taken.Count.ShouldBe(3);
    }

    private static bool IsAnswered(JsonNode message) => message["error"] is not null && message.Text("status") == "queued";

    private static async Task AwayAsync(HttpResponseMessage answer)
    {
        (await answer.ProblemAsync(HttpStatusCode.ServiceUnavailable, Ct)).Text("title").ShouldBe("The secret store does not answer.");
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(30));
    }

    private static async Task<string> HealthAsync(TenantClient tenant)
    {
        var answer = await tenant.Http.GetAsync("/health", Ct);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.ReadAsync(Ct))["checks"]!.Text("vault");
    }
}
