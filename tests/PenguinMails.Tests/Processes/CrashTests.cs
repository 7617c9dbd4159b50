using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using MimeKit;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Processes;

/// <summary>No silent skip and no silent duplicate, whenever the host dies.</summary>
public sealed class CrashTests(DataDirectory data) : IClassFixture<DataDirectory>
{
    private const int Leads = 300;
    private const int Parallelism = 4;

    private readonly ConcurrentQueue<(string To, string MessageId)> _delivered = [];

    private readonly ConcurrentDictionary<string, string> _codes = [];

    // What the host is killed at, once the countdown is over.
    private static readonly string[] Stages = ["MAIL", "RCPT", "DATA", "text", "after the text"];

    // Closed while a host starts: it would send on before it is known what it is to be killed at.
    private TaskCompletionSource _gate = new();
    private HostProcess? _host;
    private string _stage = "";
    private int _countdown;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaign_survives_its_host_killed_in_the_middle_of_each_stage_of_a_message()
    {
        DataDirectory.NeedsUnix();
        await using var sink = MailSink.Start(new MailSinkOptions
        {
            OnSender = _ => At("MAIL"),
            OnRecipient = _ => At("RCPT"),
            OnData = _ => At("DATA"),
            OnMessage = DeliverAsync,
        });
        string[] options = ["--Mail:Host=127.0.0.1", $"--Mail:Port={sink.Port}"];
        TenantClient? tenant = null;
        var campaign = Guid.Empty;
        var kills = new List<string>();
        foreach (var stage in Stages)
        {
            _gate = new TaskCompletionSource();
            await using var host = _host = await HostProcess.StartAsync(data.Root, Ct, options);
            if (tenant is null)
            {
                tenant = await host.ATenantAsync(Ct, CodeAsync);
                campaign = await DraftAsync(tenant);
            }

            var after = Random.Shared.Next(5, 45);
            (_countdown, _stage) = (after, stage);
            _gate.SetResult();
            kills.Add($"{after} messages on, at {stage}");
            if (kills.Count == 1)
            {
                await tenant.PostAsync($"campaigns/{campaign}/launch", new { }, Ct);
            }

            await host.EndedAsync(Ct);
        }

        _stage = "";
        await using var last = await HostProcess.StartAsync(data.Root, Ct, options);
        var client = last.For(tenant!);
        var state = await Given.EventuallyAsync(() => client.GetAsync($"campaigns/{campaign}", Ct), found => found.Text("status") == "completed", Ct);

        var story = $"killed {string.Join("; ", kills)}: {state["progress"]}";
        var rows = await MessagesAsync(client, campaign);
        var (sent, doubtful) = (To(rows, "sent"), To(rows, "in_doubt"));
        var delivered = _delivered.ToList();
        delivered.Select(mail => mail.To).ShouldBeUnique(story);
        delivered.Select(mail => mail.MessageId).ShouldBeUnique(story);
        rows.Count.ShouldBe(Leads, story);
        rows.Select(row => row.Text("toAddress")).ShouldBeUnique(story);
        (sent.Count + doubtful.Count).ShouldBe(Leads, story);
        sent.Except(delivered.Select(mail => mail.To)).ShouldBeEmpty(story);
        delivered.Select(mail => mail.To).Except(sent).Except(doubtful).ShouldBeEmpty(story);
        // Each kill had a message on its way, and never more than there are connections.
        doubtful.Count.ShouldBeInRange(Stages.Length, Stages.Length * Parallelism, story);
    }

    private async ValueTask<SmtpReply> DeliverAsync(SmtpEnvelope envelope, System.Buffers.ReadOnlySequence<byte> bytes, CancellationToken ct)
    {
        using var stream = new MemoryStream(System.Buffers.BuffersExtensions.ToArray(bytes));
        var message = await MimeMessage.LoadAsync(stream, ct);
        if (message.Subject!.StartsWith("Verify", StringComparison.Ordinal))
        {
            _codes[envelope.To.Single()] = Given.CodeOf(message);
            return SmtpReply.Ok;
        }

        await _gate.Task.WaitAsync(ct);
        At("text");
        _delivered.Enqueue((envelope.To.Single(), message.MessageId!));
        // A server takes its time: so that others are on their way when the host dies.
        await Task.Delay(5, ct);
        return At("after the text") ?? SmtpReply.Ok;
    }

    private Task<string> CodeAsync(string address) => Given.EventuallyAsync(
        () => Task.FromResult(_codes.GetValueOrDefault(address, "")), code => code != "", Ct);

    // The server itself goes on as usual.
    private SmtpReply? At(string stage)
    {
        if (stage == _stage && Interlocked.Decrement(ref _countdown) == 0)
        {
            _host!.Kill();
        }

        return null;
    }

    private static async Task<Guid> DraftAsync(TenantClient tenant)
    {
        var mailbox = await tenant.AMailboxAsync(Ct);
        var template = await tenant.PostAsync("templates", new { Name = "T", Subject = "Hello {{ first_name }}", Content = "<p>Hi</p>" }, Ct);
        var campaign = await tenant.PostAsync("campaigns", new
        {
            tenant.CompanyId,
            Name = "C",
            EmailAccountIds = new[] { mailbox.Id() },
            MinGapSeconds = 0,
            Window = new { Timezone = "UTC", Start = "00:00:00", End = "23:59:59.9999999", Days = new[] { 1, 2, 3, 4, 5, 6, 7 } },
        }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/steps", new { StepType = "email", TemplateId = template.Id() }, Ct);
        await tenant.PostAsync($"campaigns/{campaign.Id()}/leads", new { ListId = await tenant.AListAsync(Leads, Ct) }, Ct);
        return campaign.Id();
    }

    private static async Task<IReadOnlyList<JsonNode>> MessagesAsync(TenantClient tenant, Guid campaign)
    {
        var rows = new List<JsonNode>();
        var cursor = "";
        do
        {
            var page = await tenant.GetAsync($"campaigns/{campaign}/messages?limit=200{cursor}", Ct);
            rows.AddRange(page["items"]!.AsArray().Select(row => row!));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : null;
        }
        while (cursor is not null);

        return rows;
    }

    private static HashSet<string> To(IEnumerable<JsonNode> rows, string status) =>
        [.. rows.Where(row => row.Text("status") == status).Select(row => row.Text("toAddress"))];
}
