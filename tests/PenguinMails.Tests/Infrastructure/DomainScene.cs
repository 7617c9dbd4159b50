using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Jobs;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>A domain of a tenant of its own, in the DNS that the host asks.</summary>
internal sealed record DomainScene(HostFixture Host, TenantClient Tenant, Guid Id, string Name)
{
    private string Path => $"domains/{Id}";

    /// <summary>A domain whose records nobody has published yet.</summary>
    public static async Task<DomainScene> AddAsync(HostFixture host, CancellationToken ct, string mailHosting = "external", string? trackingHost = null)
    {
        var tenant = await host.ATenantAsync(ct);
        await host.PutOnPlanAsync(tenant, "business", ct);
        var domain = await tenant.PostAsync(
            "domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.example", MailHosting = mailHosting, TrackingHost = trackingHost }, ct);
        return new DomainScene(host, tenant, domain.Id(), domain.Text("domain"));
    }

    /// <summary>A domain whose records are published, and found.</summary>
    public static async Task<DomainScene> VerifiedAsync(HostFixture host, CancellationToken ct)
    {
        var scene = await AddAsync(host, ct);
        await scene.PublishAsync(ct);
        (await scene.VerifyAsync(ct)).Text("verificationStatus").ShouldBe("verified");
        return scene;
    }

    /// <summary>Publishes each record as it is shown, and the server that the MX record names.</summary>
    public async Task PublishAsync(CancellationToken ct)
    {
        foreach (var record in (await StateAsync(ct))["dnsRecords"]!.AsArray())
        {
            Host.Dns.Set(record!.Text("host"), record!.Text("type"), record!.Text("value"));
        }

        Host.Dns.Set($"mail.{Name}", "A", "192.0.2.1");
    }

    public Task<JsonNode> StateAsync(CancellationToken ct) => Tenant.GetAsync(Path, ct);

    public Task<JsonNode> VerifyAsync(CancellationToken ct) => Tenant.PostAsync($"{Path}/verify", new { }, ct);

    public Task<JsonNode> RotateAsync(CancellationToken ct) => Tenant.PostAsync($"{Path}/dkim/rotate", new { }, ct);

    /// <summary>What the job does once an hour has gone by.</summary>
    public async Task<JsonNode> AnHourLaterAsync(CancellationToken ct)
    {
        await Host.QueryAsync("UPDATE domains SET last_checked = now() - interval '1 hour' WHERE id = $1", ct, Id);
        await using var scope = Host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DomainChecks>().RunAsync(ct);
        return await StateAsync(ct);
    }

    public Task<JsonNode> AMailboxAsync(CancellationToken ct) =>
        Tenant.PostAsync("email-accounts", new { DomainId = Id, Email = $"someone@{Name}", DisplayName = "Someone", DailyLimit = 1000 }, ct);

    /// <summary>Sends a message from a mailbox, and finds it at the other end.</summary>
    public async Task<MimeMessage> SendAsync(JsonNode mailbox, CancellationToken ct)
    {
        var to = $"{Guid.CreateVersion7():N}@recipient.example";
        var message = new MimeMessage(
            [MailboxAddress.Parse(mailbox.Text("email"))], [MailboxAddress.Parse(to)], "Hello", new TextPart("plain") { Text = "Hello" });
        await using var scope = Host.ScopeOf(Tenant.TenantId);
        var outcome = await scope.ServiceProvider.GetRequiredService<ISender>().Send(new SendMail(mailbox.Id(), message), ct);
        outcome.Result.ShouldBe(SendResult.Accepted, outcome.Reply);
        return await Host.MailAsync(to, "Hello", ct);
    }

    public static JsonNode RecordOf(JsonNode domain, string purpose) =>
        domain["dnsRecords"]!.AsArray().Single(record => record!.Text("purpose") == purpose)!;
}
