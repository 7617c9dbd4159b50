using System.Text.Json.Nodes;

namespace PenguinMails.Host.Demo;

/// <summary>The verb <c>demo</c>: from sign-up to the second message of a sequence, over HTTP, on the bundled leads.</summary>
internal sealed class DemoRun(DemoClient api, IServiceProvider services, TextWriter output, TimeProvider clock)
{
    private const string Domain = "penguin-demo.test";

    /// <returns>0 when each lead was mailed twice, else 1.</returns>
    public static async Task<int> RunAsync(PenguinMailsHost host, TextWriter output, CancellationToken ct)
    {
        using var api = new DemoClient(host.Url);
        var done = await new DemoRun(api, host.Services, output, TimeProvider.System).RunAsync(ct);
        await output.WriteLineAsync(host.KeepsOutbox
            ? $"\nThe mail itself: {host.OutboxDirectory} (start the host and open {host.Url}/outbox)"
            : "\nThe mail itself is at the configured outgoing server.");
        return done ? 0 : 1;
    }

    private async Task<bool> RunAsync(CancellationToken ct)
    {
        await DemoAccount.LogInAsync(api, services, ct);
        await SayAsync("tenant", $"{DemoAccount.Email} / {DemoAccount.Password}");
        var company = (await api.GetAsync("companies", ct))["items"]![0]!;

        var domain = await api.FindOrPostAsync("domains", item => Text(item, "domain") == Domain, new { CompanyId = Id(company), Domain }, ct);
        await api.PostAsync($"domains/{Id(domain)}/verify", null, ct);
        await SayAsync("domain", $"{Domain}, verified");

        var mailbox = await api.FindOrPostAsync("email-accounts", item => Text(item, "email") == $"pingu@{Domain}",
            new { DomainId = Id(domain), Email = $"pingu@{Domain}", DisplayName = "Pingu", Provider = "smtp", DailyLimit = 1000 }, ct);
        await SayAsync("mailbox", Text(mailbox, "email"));

        await using var leads = typeof(DemoRun).Assembly.GetManifestResourceStream("leads.csv")!;
        var import = await api.UploadAsync("leads/import?list=Demo&onDuplicate=update", leads, "leads.csv", ct);
        await SayAsync("leads", $"{import["totalRows"]} rows: {import["imported"]} new, {import["updated"]} known, {import["refused"]} refused");

        var campaign = await DraftAsync(company, mailbox, ct);
        var added = await api.PostAsync($"campaigns/{campaign}/leads", new { ListId = import["listId"] }, ct);
        await api.PostAsync($"campaigns/{campaign}/launch", null, ct);
        await SayAsync("campaign", $"{campaign}, launched for {added["added"]} leads");
        await FollowAsync(campaign, ct);
        return await PrintMessagesAsync(campaign, added["added"]!.GetValue<int>(), ct);
    }

    // An e-mail, a wait that ends in seconds, and a second e-mail in the same thread.
    private async Task<string> DraftAsync(JsonNode company, JsonNode mailbox, CancellationToken ct)
    {
        var first = await api.FindOrPostAsync("templates", item => Text(item, "name") == "Demo: hello", new
        {
            Name = "Demo: hello",
            Subject = "Fresh fish for {{ company }}?",
            Content = "<p>Hello {{ first_name | default: \"there\" }},</p>\n<p>do people in {{ custom.city }} like fish? {{ company }} surely does.</p>\n<p>{{ sender_name }}</p>",
        }, ct);
        var second = await api.FindOrPostAsync("templates", item => Text(item, "name") == "Demo: reminder", new
        {
            Name = "Demo: reminder",
            Subject = "A reminder",
            Content = "<p>Hello again {{ first_name | default: \"there\" }},</p>\n<p>the fish is still fresh.</p>\n<p>{{ sender_name }}</p>",
        }, ct);
        var campaign = Id(await api.PostAsync("campaigns", new
        {
            CompanyId = Id(company),
            Name = $"Demo of {clock.GetUtcNow():yyyy-MM-dd HH:mm:ss}",
            EmailAccountIds = new[] { Id(mailbox) },
            MinGapSeconds = 0,
            Window = new { Timezone = "UTC", Start = "00:00:00", End = "23:59:59", Days = new[] { 1, 2, 3, 4, 5, 6, 7 } },
        }, ct));
        await api.PostAsync($"campaigns/{campaign}/steps", new { StepType = "email", TemplateId = Id(first) }, ct);
        await api.PostAsync($"campaigns/{campaign}/steps", new { StepType = "wait", WaitUntilDate = clock.GetUtcNow().AddSeconds(5) }, ct);
        await api.PostAsync($"campaigns/{campaign}/steps", new { StepType = "email", TemplateId = Id(second) }, ct);
        return campaign;
    }

    private async Task FollowAsync(string campaign, CancellationToken ct)
    {
        var last = "";
        var giveUp = clock.GetUtcNow().AddMinutes(2);
        while (clock.GetUtcNow() < giveUp)
        {
            var state = await api.GetAsync($"campaigns/{campaign}", ct);
            var messages = string.Join(", ", state["progress"]!["messages"]!.AsObject().Select(count => $"{count.Value} {count.Key}"));
            if (messages != last)
            {
                await SayAsync("progress", last = messages);
            }

            if (Text(state, "status") == "completed")
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), clock, ct);
        }
    }

    private async Task<bool> PrintMessagesAsync(string campaign, int leads, CancellationToken ct)
    {
        var page = await api.GetAsync($"campaigns/{campaign}/messages?limit=200", ct);
        var byLead = page["items"]!.AsArray().GroupBy(message => Text(message!, "toAddress")).OrderBy(group => group.Key).ToList();
        await output.WriteLineAsync($"\n{"to",-46} {"first",-16} second");
        foreach (var lead in byLead)
        {
            var states = lead.OrderBy(message => Text(message!, "created")).Select(message =>
                $"{Text(message!, "status")} {message!["sent"]?.GetValue<DateTimeOffset>():HH:mm:ss}").ToList();
            await output.WriteLineAsync($"{lead.Key,-46} {states[0],-16} {states.ElementAtOrDefault(1) ?? "-"}");
        }

        var twice = byLead.Count(lead => lead.Count(message => Text(message!, "status") == "sent") == 2);
        await output.WriteLineAsync($"\n{twice} of {leads} leads were mailed twice.");
        return twice == leads;
    }

    private Task SayAsync(string what, string text) => output.WriteLineAsync($"{what,-10} {text}");

    private static string Id(JsonNode node) => Text(node, "id");

    private static string Text(JsonNode node, string name) => node[name]!.GetValue<string>();
}
