using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Campaigns;
using PenguinMails.Campaigns.Data;
using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Shared;

namespace PenguinMails.Tests.Campaigns;

public sealed class InboxTests(HostFixture host)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Threads_are_paged_by_who_wrote_last_and_those_of_one_moment_are_all_shown_once()
    {
        var tenant = await host.ATenantAsync(Ct);
        (await tenant.GetAsync("inbox/threads", Ct))["items"]!.AsArray().ShouldBeEmpty();
        foreach (var hour in new[] { 1, 3, 2, 2, 2 })
        {
            await ThreadAsync(tenant, $"a{hour}@writer.example", Noon.AddHours(hour));
        }

        var (shown, cursor) = (new List<JsonNode>(), "");
        do
        {
            var page = await tenant.GetAsync($"inbox/threads?limit=2{cursor}", Ct);
            shown.AddRange(page["items"]!.AsArray().Select(item => item!));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : null;
        }
        while (cursor is not null);

        shown.Select(item => item.Text("participant")[1]).ShouldBe(['3', '2', '2', '2', '1']);
        shown.Select(item => item.Id()).Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task Reading_and_archiving_hold_and_a_second_time_changes_nothing()
    {
        var tenant = await host.ATenantAsync(Ct);
        var thread = await ThreadAsync(tenant, "jane@writer.example", Noon);
        (await tenant.GetAsync("inbox/summary", Ct)).Number("messages").ShouldBe(1);

        foreach (var (action, unread) in new[] { ("read", 0), ("read", 0), ("unread", 1), ("unread", 1) })
        {
            (await tenant.Http.PostAsync($"inbox/threads/{thread}/{action}", null, Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
            (await tenant.GetAsync($"inbox/threads/{thread}", Ct))["thread"]!.Number("unread").ShouldBe(unread);
            (await tenant.GetAsync($"inbox/threads/{thread}", Ct))["messages"]![0]!["isRead"]!.GetValue<bool>().ShouldBe(unread == 0);
        }

        await tenant.Http.PostAsync($"inbox/threads/{thread}/archive", null, Ct);
        (await tenant.GetAsync("inbox/threads", Ct))["items"]!.AsArray().ShouldBeEmpty();
        (await tenant.GetAsync("inbox/threads?archived=true", Ct))["items"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_message_is_shown_without_scripts_and_its_attachment_is_only_downloaded()
    {
        var tenant = await host.ATenantAsync(Ct);
        var thread = await ThreadAsync(tenant, "jane@writer.example", Noon);
        var id = (await tenant.GetAsync($"inbox/threads/{thread}", Ct))["messages"]![0]!.Id();

        var shown = await tenant.GetAsync($"inbox/threads/{thread}/messages/{id}", Ct);
        shown.Text("html").ShouldContain("Hello");
        shown.Text("html").ShouldNotContain("script");
        shown["attachments"]![0]!.Number("size").ShouldBe(5);
        var file = await tenant.Http.GetAsync($"inbox/threads/{thread}/messages/{id}/attachments/0", Ct);
        file.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        (await file.Content.ReadAsStringAsync(Ct)).ShouldBe("<b>x\n");
        (await tenant.Http.GetAsync($"inbox/threads/{thread}/messages/{id}/attachments/1", Ct)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await tenant.Http.GetAsync($"inbox/threads/{thread}/messages/{id}/raw", Ct)).Content.Headers.ContentType!.MediaType.ShouldBe("message/rfc822");
    }

    [Fact]
    public async Task An_answer_goes_out_in_the_thread_and_one_to_a_suppressed_address_does_not()
    {
        await using var sink = new FaultySink();
        var tenant = await host.ATenantAsync(Ct);
        var mailbox = await tenant.AMailboxAtAsync(sink, Ct);
        var thread = await ThreadAsync(tenant, "jane@writer.example", Noon, mailbox.Id());

        var sent = await tenant.PostAsync($"inbox/threads/{thread}/reply", new { Text = "Gladly." }, Ct);

        sent.Text("status").ShouldBe("sent");
        var taken = sink.Taken.Single();
        taken.Subject.ShouldBe("Re: Question");
        taken.InReplyTo.ShouldBe($"{thread:N}@writer.example");
        taken.References.ShouldBe(["first@writer.example", $"{thread:N}@writer.example"]);
        (await tenant.GetAsync($"inbox/threads/{thread}", Ct))["messages"]!.AsArray().Select(item => item!.Text("direction")).ShouldBe(["in", "out"]);
        await host.QueryAsync("""
            INSERT INTO suppressions (tenant_id, email_hash, reason) VALUES ($1, sha256('jane@writer.example'), 'complaint')
            """, Ct, tenant.TenantId);
        var refused = await tenant.Http.PostAsJsonAsync($"inbox/threads/{thread}/reply", new { Text = "Again." }, Ct);
        (await refused.ProblemAsync(HttpStatusCode.UnprocessableEntity, Ct)).Fields().ShouldBe(["to"]);
        sink.Taken.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_answer_in_doubt_waits_for_a_person_and_is_skipped_once()
    {
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var tenant = await host.ATenantAsync(Ct);
        var thread = await ThreadAsync(tenant, "jane@writer.example", Noon, (await tenant.AMailboxAtAsync(sink, Ct)).Id());

        var doubtful = await tenant.PostAsync($"inbox/threads/{thread}/reply", new { Text = "Gladly." }, Ct);

        doubtful.Text("status").ShouldBe("in_doubt");
        (await tenant.PostAsync($"inbox/messages/{doubtful.Id()}/skip", new { }, Ct)).Text("status").ShouldBe("skipped");
        (await tenant.Http.PostAsJsonAsync($"inbox/messages/{doubtful.Id()}/resend", new { }, Ct)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task An_answer_that_is_asked_for_again_under_its_key_is_sent_once_and_one_that_failed_is_tried_again()
    {
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.LocalError) };
        var tenant = await host.ATenantAsync(Ct);
        var thread = await ThreadAsync(tenant, "jane@writer.example", Noon, (await tenant.AMailboxAtAsync(sink, Ct)).Id());
        (await AskAsync("a")).StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        sink.OnMessage = () => Task.FromResult(SmtpReply.Ok);

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => AskAsync("a")));

        answers.Select(answer => answer.StatusCode).ShouldBeSubsetOf([HttpStatusCode.OK, HttpStatusCode.Conflict]);
        answers.ShouldContain(answer => answer.StatusCode == HttpStatusCode.OK);
        var again = await (await AskAsync("a")).ReadAsync(Ct);
        again.Text("status").ShouldBe("sent");
        sink.Taken.Count.ShouldBe(2, "The one that was refused, and one.");
        (await (await AskAsync("b")).ReadAsync(Ct)).Id().ShouldNotBe(again.Id());
        sink.Taken.Count.ShouldBe(3);

        async Task<HttpResponseMessage> AskAsync(string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"inbox/threads/{thread}/reply") { Content = JsonContent.Create(new { Text = "Gladly." }) };
            request.Headers.Add("Idempotency-Key", key);
            return await tenant.Http.SendAsync(request, Ct);
        }
    }

    // With one message, as the mailbox's reader would have taken it.
    private async Task<Guid> ThreadAsync(TenantClient tenant, string from, DateTimeOffset at, Guid? mailbox = null)
    {
        var thread = Guid.CreateVersion7();
        var text = $"""
            Message-ID: <{thread:N}@writer.example>
            References: <first@writer.example>
            From: {from}
            Subject: Question
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: text/html

            <p>Hello</p><script>alert(1)</script>
            --b
            Content-Type: text/html
            Content-Disposition: attachment; filename="a;b.html"
            Content-Transfer-Encoding: base64

            PGI+eAo=
            --b--

            """.ReplaceLineEndings("\r\n");
        var raw = Encoding.ASCII.GetBytes(text);
        await using var scope = host.Services.GetRequiredService<IServiceScopeFactory>().CreateTenantScope(tenant.TenantId);
        var db = scope.ServiceProvider.GetRequiredService<CampaignsDb>();
        db.Threads.Add(new InboxThread
        {
            Id = thread, TenantId = tenant.TenantId, EmailAccountId = mailbox, Participant = from, Subject = "Question", LastMessage = at, Unread = 1,
        });
        db.InboxMessages.Add(new InboxMessage
        {
            Id = Guid.CreateVersion7(), TenantId = tenant.TenantId, ThreadId = thread, EmailAccountId = mailbox, Kind = InboxKind.Reply,
            MessageId = $"{thread:N}@writer.example", FromAddress = from, Subject = "Question", Text = "Hello", Body = EmailContent.Pack(raw),
            Size = raw.Length, Received = at, UidValidity = 1, Uid = 1,
        });
        await db.SaveChangesAsync(Ct);
        return thread;
    }
}
