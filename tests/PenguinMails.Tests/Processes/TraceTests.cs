namespace PenguinMails.Tests.Processes;

/// <summary>What a host tells of a campaign over OTLP.</summary>
public sealed class TraceTests(DataDirectory data) : IClassFixture<DataDirectory>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_campaigns_spans_join_from_request_and_batch_to_database_and_SMTP_and_name_the_tenant_and_nobody_else()
    {
        DataDirectory.NeedsUnix();
        await using var collector = await OtlpCollector.StartAsync(Ct);
        await using var host = await HostProcess.StartAsync(data.Root, Ct, collector.Options);
        var tenant = await host.ATenantAsync(Ct);
        var campaign = await LongCampaign.DraftAsync(tenant, leads: 3, mailboxes: 1, Ct);
        await campaign.LaunchAsync(Ct);

        // A span is told when it ends: the batch's after those within it.
        var spans = await Given.EventuallyAsync(() => Task.FromResult(collector.Spans.ToList()), found => SendsOf(found).Count == 3, Ct);
        await Given.EventuallyAsync(
            () => Task.FromResult(collector.Bodies.Where(body => body.Path == "/v1/metrics").Select(body => body.Text).ToList()),
            found => new[] { "penguinmails.deliveries", "penguinmails.imports.rows", "penguinmails.queue.due", "penguinmails.queue.age", "db.client" }
                .All(name => found.Any(body => body.Contains(name))), Ct);

        var send = SendsOf(spans)[0];
        send.Attributes["tenant.id"].ShouldBe($"{tenant.TenantId}");
        spans.ShouldContain(span => span.Attributes.ContainsKey("db.system.name") && span.Trace == send.Trace, "Npgsql, in the batch's trace");
        spans.ShouldContain(span => span.Name == "OpenOutlet" && span.Trace == send.Trace, "MediatR, in the batch's trace");
        var launch = spans.First(span => span.Name.StartsWith("POST", StringComparison.Ordinal) && span.Name.EndsWith("/launch", StringComparison.Ordinal));
        launch.Attributes["tenant.id"].ShouldBe($"{tenant.TenantId}");
        spans.ShouldContain(span => span.Name == "GetSendingPermission" && span.Trace == launch.Trace, "MediatR, in the request's trace");
        spans.Where(span => span.Trace == send.Trace).ShouldAllBe(span => span.Attributes.GetValueOrDefault("tenant.id") == $"{tenant.TenantId}", "Those of libraries too.");

        // From a request by a job to a message.
        var signUp = spans.First(span => span.Name.EndsWith("/auth/sign-up", StringComparison.Ordinal) && span.Parent == "");
        spans.ShouldContain(span => span.Name.StartsWith("AccountMail.", StringComparison.Ordinal) && span.Trace == signUp.Trace);
        spans.ShouldContain(span => span.Name == "SMTP send" && span.Trace == signUp.Trace);

        // Neither in attributes nor in events nor in what went wrong.
        collector.Bodies.Where(body => body.Path == "/v1/traces").ShouldAllBe(body => !body.Text.Contains("@recipient.example") && !body.Text.Contains(tenant.Email));
    }

    // Those within a batch of a campaign.
    private static List<CollectedSpan> SendsOf(List<CollectedSpan> spans)
    {
        var byId = spans.ToDictionary(span => span.Id);
        return [.. spans.Where(span => span.Name == "SMTP send" && Around(span).Any(outer => outer.Name == "campaign batch"))];

        IEnumerable<CollectedSpan> Around(CollectedSpan span) => byId.TryGetValue(span.Parent, out var parent) ? [parent, .. Around(parent)] : [];
    }
}
