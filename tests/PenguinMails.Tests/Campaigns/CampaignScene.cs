using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests.Campaigns;

/// <summary>A campaign of a tenant of its own, and what tests do with it.</summary>
internal sealed record CampaignScene(HostFixture Host, TenantClient Tenant, Guid Id)
{
    private static readonly object AlwaysOpen =
        new { Timezone = "UTC", Start = "00:00:00", End = "23:59:59.9999999", Days = new[] { 1, 2, 3, 4, 5, 6, 7 } };

    public static object Email(JsonNode template) => new { StepType = "email", TemplateId = template.Id() };

    public static object WaitUntil(DateTimeOffset date) => new { StepType = "wait", WaitUntilDate = date };

    /// <summary>A draft with these mailboxes, leads and steps.</summary>
    public static async Task<CampaignScene> DraftAsync(
        HostFixture host, TenantClient tenant, IEnumerable<JsonNode> mailboxes, Guid list, CancellationToken ct, params object[] steps)
    {
        var campaign = await tenant.PostAsync("campaigns", new
        {
            tenant.CompanyId,
            Name = "C",
            EmailAccountIds = mailboxes.Select(mailbox => mailbox.Id()).ToArray(),
            MinGapSeconds = 0,
            Window = AlwaysOpen,
        }, ct);
        foreach (var step in steps)
        {
            await tenant.PostAsync($"campaigns/{campaign.Id()}/steps", step, ct);
        }

        await tenant.PostAsync($"campaigns/{campaign.Id()}/leads", new { ListId = list }, ct);
        return new CampaignScene(host, tenant, campaign.Id());
    }

    /// <summary>A launched campaign of one e-mail, from one mailbox at the sink, to so many leads.</summary>
    public static async Task<CampaignScene> LaunchAsync(HostFixture host, FaultySink sink, int leads, CancellationToken ct)
    {
        var scene = await DraftAsync(host, sink, leads, ct);
        await scene.LaunchAsync(ct);
        return scene;
    }

    /// <summary>The same, not launched yet; it has as many e-mails as asked for.</summary>
    public static async Task<CampaignScene> DraftAsync(HostFixture host, FaultySink sink, int leads, CancellationToken ct, int emails = 1)
    {
        var tenant = await host.ATenantAsync(ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, ct);
        var template = await tenant.ATemplateAsync(ct);
        return await DraftAsync(host, tenant, [mailbox], await tenant.AListAsync(leads, ct), ct,
            [.. Enumerable.Repeat(Email(template), emails)]);
    }

    public Task<JsonNode> LaunchAsync(CancellationToken ct) => Tenant.PostAsync($"campaigns/{Id}/launch", new { }, ct);

    public Task<JsonNode> StateAsync(CancellationToken ct) => Tenant.GetAsync($"campaigns/{Id}", ct);

    public async Task<IReadOnlyList<JsonNode>> MessagesAsync(CancellationToken ct) =>
        [.. (await Tenant.GetAsync($"campaigns/{Id}/messages?limit=200", ct))["items"]!.AsArray().Select(item => item!)];

    /// <summary>The only message, once it is in this state.</summary>
    public async Task<JsonNode> MessageAsync(string status, CancellationToken ct) =>
        (await Given.EventuallyAsync(() => MessagesAsync(ct), messages => messages is [var only] && only.Text("status") == status, ct)).Single();

    public Task<JsonNode> CompletedAsync(CancellationToken ct) =>
        Given.EventuallyAsync(() => StateAsync(ct), state => state.Text("status") == "completed", ct);

    /// <summary>What the database keeps of the only enrollment: status, reason, attempts, seconds until the next run.</summary>
    public async Task<string[]> EnrollmentAsync(CancellationToken ct) => (await Host.QueryAsync("""
        SELECT status, exit_reason, attempts, extract(epoch FROM next_run - now())::integer FROM campaign_leads WHERE campaign_id = $1
        """, ct, Id)).Single().Split('|');

    public async Task<string> LeadStatusAsync(CancellationToken ct) =>
        (await Tenant.GetAsync("leads", ct))["items"]!.AsArray().Single()!.Text("status");

    public Task<HttpResponseMessage> SettleAsync(JsonNode message, string action, CancellationToken ct) =>
        Tenant.Http.PostAsJsonAsync($"campaigns/{Id}/messages/{message.Id()}/{action}", new { }, ct);
}

internal static class CampaignGiven
{
    public static Task<JsonNode> ATemplateAsync(
        this TenantClient tenant, CancellationToken ct, string subject = "Hello {{ first_name }}", string content = "<p>Hi {{ first_name }}</p>") =>
        tenant.PostAsync("templates", new { Name = "T", Subject = subject, Content = content }, ct);

    /// <summary>A mailbox that sends through this sink, much and at once.</summary>
    public static async Task<JsonNode> AMailboxAtAsync(this TenantClient tenant, FaultySink sink, CancellationToken ct)
    {
        var domain = await tenant.ADomainAsync(ct);
        return await tenant.PostAsync("email-accounts", new
        {
            DomainId = domain.Id(), Email = $"someone@{domain["domain"]}", DisplayName = "Someone", Provider = "smtp", DailyLimit = 1000,
            Smtp = sink.Settings,
        }, ct);
    }

    /// <summary>A list of what this file holds.</summary>
    public static async Task<Guid> AListOfAsync(this TenantClient tenant, string csv, CancellationToken ct)
    {
        var answer = await tenant.SendFileAsync("leads/import?list=Leads", Encoding.UTF8.GetBytes(csv), ct);
        return (await answer.ReadAsync(ct))["listId"]!.GetValue<Guid>();
    }
}
