using System.Net;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Staff.Jobs;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tests.Staff;

public sealed class NotificationTests(HostFixture host)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repeat_counts_up_keeps_the_newest_words_and_escalates()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.RaiseAsync("same", "warning", other.TenantId, Ct);
        var severities = new Dictionary<int, string>();
        for (var times = 1; times <= 50; times++)
        {
            await host.RaiseAsync("same", "warning", tenant.TenantId, Ct, title: $"Look {times}");
            var item = (await OpenAsync(tenant)).ShouldHaveSingleItem();
            (item.Number("alertCount"), item.Text("title")).ShouldBe((times, $"Look {times}"));
            severities[times] = item.Text("severity");
        }

        severities.GroupBy(one => one.Value).Select(group => (group.Key, group.Min(one => one.Key)))
            .ShouldBe([("warning", 1), ("high", 10), ("critical", 50)]);
        (await OpenAsync(other)).ShouldHaveSingleItem().Number("alertCount").ShouldBe(1);
    }

    [Fact]
    public async Task What_is_only_for_information_does_not_escalate_and_the_gravest_severity_stays()
    {
        var tenant = await host.ATenantAsync(Ct);
        for (var times = 1; times <= 50; times++)
        {
            await host.RaiseAsync("info", "info", tenant.TenantId, Ct);
        }

        (await OpenAsync(tenant)).ShouldHaveSingleItem().Text("severity").ShouldBe("info");
        await host.RaiseAsync("info", "medium", tenant.TenantId, Ct);
        await host.RaiseAsync("info", "low", tenant.TenantId, Ct);
        (await OpenAsync(tenant)).ShouldHaveSingleItem().Text("severity").ShouldBe("medium");
        await host.RaiseAsync("info", "error", tenant.TenantId, Ct);
        (await OpenAsync(tenant)).ShouldHaveSingleItem().Text("severity").ShouldBe("critical");
    }

    [Fact]
    public async Task A_tenant_settles_its_own_once_and_the_next_occurrence_is_a_new_one()
    {
        var tenant = await host.ATenantAsync(Ct);
        var viewer = await host.AColleagueAsync(tenant, "viewer", Ct);
        await host.RaiseAsync("again", "warning", tenant.TenantId, Ct);
        var first = (await OpenAsync(viewer)).ShouldHaveSingleItem().Id();
        var path = $"notifications/{first}/resolution";

        (await viewer.Http.PostAsJsonAsync(path, new { Notes = "Mine" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await tenant.Http.PostAsJsonAsync(path, new { }, Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct)).Fields().ShouldBe(["notes"]);
        (await tenant.Http.PostAsJsonAsync(path, new { Notes = "Done" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await tenant.Http.PostAsJsonAsync(path, new { Notes = "Done" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        (await OpenAsync(tenant)).ShouldBeEmpty();

        await host.RaiseAsync("again", "warning", tenant.TenantId, Ct);
        var second = (await OpenAsync(tenant)).ShouldHaveSingleItem();
        (second.Id() == first, second.Number("alertCount")).ShouldBe((false, 1));
    }

    [Fact]
    public async Task A_tenant_changes_nothing_of_a_notification_but_its_resolution()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.RaiseAsync("fixed", "warning", tenant.TenantId, Ct);
        await using var connection = new Npgsql.NpgsqlConnection(host.Connections.For("penguinmails_app"));
        await connection.OpenAsync(Ct);
        await using var command = new Npgsql.NpgsqlCommand(
            $"SELECT set_config('app.current_tenant_id', '{tenant.TenantId}', false); UPDATE system_notifications SET severity = 'info'", connection);

        (await Should.ThrowAsync<Npgsql.PostgresException>(() => command.ExecuteNonQueryAsync(Ct))).SqlState.ShouldBe("42501");
    }

    [Fact]
    public async Task Staff_see_filter_and_settle_everybodys()
    {
        var (tenant, support) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 3, Ct));
        await host.RaiseAsync("one", "high", tenant.TenantId, Ct);
        await host.RaiseAsync("two", "info", tenant.TenantId, Ct);
        await host.RaiseAsync("platform", "high", null, Ct);
        var own = $"staff/notifications?tenantId={tenant.TenantId}";

        (await ItemsAsync(support, own)).Count.ShouldBe(2);
        var high = (await ItemsAsync(support, $"{own}&severity=high&category=test&status=open")).ShouldHaveSingleItem();
        (await ItemsAsync(support, $"{own}&category=other")).ShouldBeEmpty();
        (await ItemsAsync(support, "staff/notifications?severity=high&category=test&limit=200")).ShouldContain(item => item["tenantId"] == null);
        (await (await support.Http.GetAsync($"{own}&severity=grave&status=gone", Ct)).ProblemAsync(HttpStatusCode.BadRequest, Ct))
            .Fields().ShouldBe(["severity", "status"]);
        var page = await support.GetAsync($"{own}&limit=1", Ct);
        (await ItemsAsync(support, $"{own}&limit=1&cursor={page.Text("nextCursor")}")).ShouldHaveSingleItem().Id().ShouldNotBe(page["items"]![0]!.Id());

        var path = $"staff/notifications/{high.Id()}";
        (await support.GetAsync(path, Ct)).ToJsonString().ShouldBe(high.ToJsonString());
        (await support.Http.PostAsJsonAsync($"{path}/resolution", new { Notes = "Restarted" }, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await (await support.Http.PostAsJsonAsync($"{path}/resolution", new { Notes = "Restarted" }, Ct)).ProblemAsync(HttpStatusCode.Conflict, Ct);
        var resolved = (await ItemsAsync(support, $"{own}&status=resolved")).ShouldHaveSingleItem();
        (resolved.Text("resolutionNotes"), resolved["resolvedBy"]!.GetValue<Guid>()).ShouldBe(("Restarted", support.UserId));
        (await ItemsAsync(support, $"{own}&status=all")).Count.ShouldBe(2);
        (await OpenAsync(tenant)).ShouldHaveSingleItem().Text("severity").ShouldBe("info");

        var nobody = $"staff/notifications/{Guid.CreateVersion7()}";
        await (await support.Http.GetAsync(nobody, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
        await (await support.Http.PostAsJsonAsync($"{nobody}/resolution", new { Notes = "N" }, Ct)).ProblemAsync(HttpStatusCode.NotFound, Ct);
    }

    [Fact]
    public async Task One_that_does_not_recur_in_its_time_resolves_itself()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.RaiseAsync("brief", "warning", tenant.TenantId, Ct, TimeSpan.FromHours(1));
        await host.RaiseAsync("over", "warning", tenant.TenantId, Ct, TimeSpan.FromSeconds(-1));
        await host.RaiseAsync("lasting", "warning", tenant.TenantId, Ct);

        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<AutoResolveNotifications>().RunAsync(Ct);

        (await host.QueryAsync("SELECT split_part(dedup_key, ':', 1), is_resolved FROM system_notifications WHERE tenant_id = $1 ORDER BY 1", Ct, tenant.TenantId))
            .ShouldBe(["brief|False", "lasting|False", "over|True"]);
    }

    [Fact]
    public async Task What_was_said_to_a_tenant_goes_with_it()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.RaiseAsync("said", "warning", tenant.TenantId, Ct);
        await host.RaiseAsync("said", "warning", other.TenantId, Ct);

        await using var scope = host.ScopeOf(tenant.TenantId);
        await scope.ServiceProvider.GetRequiredService<IPublisher>().Publish(new TenantPurging(tenant.TenantId), Ct);

        (await OpenAsync(tenant)).ShouldBeEmpty();
        (await OpenAsync(other)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_key_follows_with_its_scope_until_it_is_revoked()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        var key = await tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "notifications:read" } }, Ct);
        using var http = host.Anonymous();
        http.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));
        await using var stream = await FollowAsync(tenant with { Http = http }, "notifications/stream");

        await host.RaiseAsync("program", "warning", tenant.TenantId, Ct, title: "For programs");
        (await stream.NextAsync()).Text("title").ShouldBe("For programs");
        (await tenant.Http.DeleteAsync($"api-keys/{key.Id()}", Ct)).EnsureSuccessStatusCode();

        await stream.EndAsync();
    }

    [Fact]
    public async Task A_tenants_stream_shows_what_is_raised_repeated_and_settled_and_nothing_of_others()
    {
        var (tenant, other) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.RaiseAsync("before", "warning", tenant.TenantId, Ct);
        await using var stream = await FollowAsync(tenant, "notifications/stream");

        await host.RaiseAsync("theirs", "warning", other.TenantId, Ct);
        await host.RaiseAsync("platforms", "warning", null, Ct);
        await host.RaiseAsync("ours", "warning", tenant.TenantId, Ct, title: "Ours");
        var raised = await stream.NextAsync();
        (raised.Text("title"), raised.Number("alertCount"), raised["isResolved"]!.GetValue<bool>()).ShouldBe(("Ours", 1, false));

        await host.RaiseAsync("ours", "warning", tenant.TenantId, Ct, title: "Ours");
        (await stream.NextAsync()).Number("alertCount").ShouldBe(2);
        await tenant.PostAsync($"notifications/{raised.Id()}/resolution", new { Notes = "Done" }, Ct);
        (await stream.NextAsync())["isResolved"]!.GetValue<bool>().ShouldBeTrue();
    }

    [Fact]
    public async Task The_staffs_stream_shows_everybodys_and_ends_with_the_session()
    {
        var (tenant, qa) = (await host.ATenantAsync(Ct), await host.AStaffMemberAsync(role: 4, Ct));
        await using var stream = await FollowAsync(qa, "staff/notifications/stream");

        await host.RaiseAsync("shown", "warning", tenant.TenantId, Ct);
        while ((await stream.NextAsync())["tenantId"]?.GetValue<Guid>() != tenant.TenantId)
        {
            // Other tests raise their own.
        }

        (await qa.Http.PostAsync("auth/log-out", null, Ct)).EnsureSuccessStatusCode();
        await stream.EndAsync();
    }

    private static async Task<IReadOnlyList<JsonNode>> OpenAsync(TenantClient tenant) => await ItemsAsync(tenant, "notifications");

    private static async Task<IReadOnlyList<JsonNode>> ItemsAsync(TenantClient person, string path) =>
        [.. (await person.GetAsync(path, Ct))["items"]!.AsArray().Select(item => item!)];

    // Begun: from now on nothing is missed.
    private static async Task<Follower> FollowAsync(TenantClient person, string path)
    {
        var answer = await person.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Ct);
        (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType).ShouldBe((HttpStatusCode.OK, "text/event-stream"));
        var events = SseParser.Create(await answer.Content.ReadAsStreamAsync(Ct)).EnumerateAsync(Ct).GetAsyncEnumerator(Ct);
        (await events.MoveNextAsync()).ShouldBeTrue();
        events.Current.EventType.ShouldBe("heartbeat");
        return new Follower(answer, events);
    }

    private sealed record Follower(HttpResponseMessage Answer, IAsyncEnumerator<SseItem<string>> Events) : IAsyncDisposable
    {
        public async Task<JsonNode> NextAsync()
        {
            while (await Events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30), Ct))
            {
                if (Events.Current.EventType == "notification")
                {
                    return JsonNode.Parse(Events.Current.Data)!;
                }
            }

            throw new InvalidOperationException("The stream has ended.");
        }

        /// <summary>Heartbeats would go on for ever: it is the end that must come in time.</summary>
        public Task EndAsync()
        {
            return DrainAsync().WaitAsync(TimeSpan.FromSeconds(30), Ct);

            async Task DrainAsync()
            {
                while (await Events.MoveNextAsync())
                {
                    // What was under way.
                }
            }
        }

        public ValueTask DisposeAsync()
        {
            Answer.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
