using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using PenguinMails.Host.Embedded.Mail;
using PenguinMails.Tenancy.Contracts;
using PenguinMails.Tests.Campaigns;

namespace PenguinMails.Tests.Tenancy;

/// <summary>Every operation of the OpenAPI document, called by nobody and by a stranger.</summary>
public sealed partial class TenantBoundaryTests(HostFixture host)
{
    // Whoever adds one says here why.
    private static readonly string[] Anonymous =
    [
        "GET /api/v1/plans", // a price list
        "GET /u/{token}", "HEAD /u/{token}", "POST /u/{token}", // the token is signed
        "POST /webhooks/stripe", // so is the body
        // Who they are is yet to be proved, by a password or by what was mailed to them.
        "POST /api/v1/auth/accept-invitation",
        "POST /api/v1/auth/change-email",
        "POST /api/v1/auth/forgot-password",
        "POST /api/v1/auth/log-in",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/reset-password",
        "POST /api/v1/auth/sign-up",
        "POST /api/v1/auth/verify-email",
        "POST /api/v1/auth/verify-email/resend",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_token_only_the_anonymous_operations_answer()
    {
        var (_, operations) = await OpenApiTests.ReadAsync(host, Ct);
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };

        var open = new List<string>();
        foreach (var (number, operation) in operations.Index())
        {
            using var request = new HttpRequestMessage(new HttpMethod(operation.Method), WithIds(operation.Path, _ => Guid.CreateVersion7().ToString()));
            // From an address of its own: log-ins are limited by address.
            request.Headers.Add("X-Forwarded-For", $"10.8.0.{number % 250 + 1}");
            // What is of the wrong type is refused before anybody is asked who they are.
            request.Content = operation.Body("multipart/form-data") is not null
                ? new MultipartFormDataContent { { new StringContent("email\n"), "file", "f" } }
                : operation.Method == "GET" ? null : JsonContent.Create(new { });
            if ((await http.SendAsync(request, Ct)).StatusCode != HttpStatusCode.Unauthorized)
            {
                open.Add(operation.ToString());
            }
        }

        open.Order(StringComparer.Ordinal).ShouldBe(Anonymous.Order(StringComparer.Ordinal));
        operations.Where(operation => operation.Node["security"] is null).Select(operation => operation.ToString()).Order(StringComparer.Ordinal)
            .ShouldBe(Anonymous.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Bearer")]
    [InlineData("Bearer CfDJ8Nonsense")]
    [InlineData("Basic YTpi")]
    public async Task A_token_that_is_not_ours_opens_nothing(string header)
    {
        using var http = host.Anonymous();
        http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);

        (await http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_credential_that_no_longer_holds_opens_no_operation()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        var dead = new Dictionary<string, HttpClient>();
        foreach (var (name, end) in new[]
        {
            ("an expired session", "UPDATE user_sessions SET expires = now() - interval '1 second' WHERE user_id = $1"),
            ("an ended session", "DELETE FROM user_sessions WHERE user_id = $1"),
        })
        {
            var person = host.Anonymous();
            await person.LogInAsync(tenant.Email, Ct);
            await host.QueryAsync(end, Ct, tenant.UserId);
            await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(tenant.UserId), Ct);
            dead[name] = person;
        }

        var owner = await RenewedAsync(tenant);
        dead["a revoked key"] = await KeyAsync(owner, "*:write", "UPDATE api_keys SET revoked = now() WHERE id = $1");
        dead["an expired key"] = await KeyAsync(owner, "*:write", "UPDATE api_keys SET expires = now() - interval '1 second' WHERE id = $1");
        dead["a token of somebody who left"] = await LeftAsync(owner);

        foreach (var (name, client) in dead)
        {
            (await AnswersAsync(client)).Where(answer => answer.Status != HttpStatusCode.Unauthorized)
                .Select(answer => $"{name}: {answer.Operation} {(int)answer.Status}").ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_key_without_the_scope_opens_no_operation_but_its_own()
    {
        var tenant = await host.ATenantAsync(Ct);
        await host.PutOnPlanAsync(tenant, "business", Ct);
        var key = await KeyAsync(tenant, "notifications:read", null);

        var open = (await AnswersAsync(key)).Where(answer => answer.Status != HttpStatusCode.Forbidden).Select(answer => answer.Operation.ToString());

        open.ShouldBe(["GET /api/v1/notifications", "GET /api/v1/notifications/stream"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_viewer_changes_nothing_of_the_tenant()
    {
        var tenant = await host.ATenantAsync(Ct);
        var viewer = await host.AColleagueAsync(tenant, "viewer", Ct);

        var open = (await AnswersAsync(viewer.Http)).Where(answer => answer.Operation.Method != "GET" && answer.Status != HttpStatusCode.Forbidden)
            .Select(answer => answer.Operation.ToString()).ToList();

        // What remains is about the person: the account, sessions and other tenants.
        open.ShouldAllBe(operation => operation.Contains("/account") || operation.Contains("/auth/") || operation.Contains("/user-preferences")
            || operation == "POST /api/v1/tenants" || operation == "DELETE /api/v1/tenant-users/{userId}");
    }

    [Fact]
    public async Task What_is_for_staff_is_closed_to_owners_and_to_staff_without_two_factors()
    {
        var (owner, halfStaff) = (await host.ATenantAsync(Ct), await host.ATenantAsync(Ct));
        await host.QueryAsync("INSERT INTO staff_members (user_id, role_id) VALUES ($1, 1)", Ct, halfStaff.UserId);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(halfStaff.UserId), Ct);

        foreach (var person in new[] { owner, halfStaff })
        {
            var answers = (await AnswersAsync(person.Http)).Where(answer => answer.Operation.IsForStaff).ToList();

            answers.ShouldNotBeEmpty();
            answers.Where(answer => answer.Status != HttpStatusCode.Forbidden).Select(answer => $"{answer.Operation} {(int)answer.Status}").ShouldBeEmpty();
        }
    }

    private async Task<TenantClient> RenewedAsync(TenantClient tenant)
    {
        await tenant.Http.LogInAsync(tenant.Email, Ct);
        return tenant;
    }

    private async Task<HttpClient> KeyAsync(TenantClient owner, string scope, string? end)
    {
        var key = await owner.PostAsync("api-keys", new { Name = "K", Scopes = new[] { scope } }, Ct);
        if (end is not null)
        {
            await host.QueryAsync(end, Ct, key.Id());
        }

        var http = host.Anonymous();
        http.DefaultRequestHeaders.Add("X-API-Key", key.Text("key"));
        return http;
    }

    private async Task<HttpClient> LeftAsync(TenantClient owner)
    {
        var colleague = await host.AColleagueAsync(owner, "admin", Ct);
        (await colleague.Http.GetAsync("companies", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await owner.Http.DeleteAsync($"tenant-users/{colleague.UserId}", Ct)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        return colleague.Http;
    }

    // Of every operation that asks who one is. Those that end the caller's own session come last.
    private async Task<IReadOnlyList<(OpenApiTests.Operation Operation, HttpStatusCode Status)>> AnswersAsync(HttpClient client)
    {
        var (_, operations) = await OpenApiTests.ReadAsync(host, Ct);
        var answers = new List<(OpenApiTests.Operation, HttpStatusCode)>();
        foreach (var operation in operations.Where(operation => !Anonymous.Contains(operation.ToString()))
            .OrderBy(operation => operation.Path.EndsWith("/log-out", StringComparison.Ordinal) || operation.Path.EndsWith("/sessions", StringComparison.Ordinal)))
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(operation.Method), new Uri(new Uri(host.Url), WithIds(operation.Path, _ => Guid.CreateVersion7().ToString())));
            request.Content = operation.Body("multipart/form-data") is not null
                ? new MultipartFormDataContent { { new StringContent("email\n"), "file", "f" } }
                : operation.Method == "GET" ? null : JsonContent.Create(new { });
            // Each from an address of its own: log-ins are limited by address.
            request.Headers.Add("X-Forwarded-For", $"10.9.{answers.Count / 200}.{answers.Count % 200 + 1}");
            answers.Add((operation, (await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct)).StatusCode));
        }

        answers.Count.ShouldBeGreaterThan(60);
        return answers;
    }

    [Fact]
    public async Task With_another_tenants_ids_every_operation_refuses_and_changes_nothing_there()
    {
        var stranger = await host.ATenantAsync(Ct);
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var victim = await VictimAsync(sink);
        var (_, operations) = await OpenApiTests.ReadAsync(host, Ct);
        using var http = new HttpClient { BaseAddress = new Uri(host.Url) };
        http.DefaultRequestHeaders.Authorization = stranger.Http.DefaultRequestHeaders.Authorization;
        var before = await RowsAsync(victim.Tenant.TenantId);

        var withIds = operations.Where(operation => !Anonymous.Contains(operation.ToString()) && operation.Path.Contains('{') && !operation.IsForStaff).ToList();
        withIds.Count.ShouldBeGreaterThan(10);
        foreach (var operation in withIds)
        {
            foreach (var action in ActionsOf(operation.Path))
            {
                using var request = new HttpRequestMessage(new HttpMethod(operation.Method), WithIds(operation.Path, victim.IdFor(action), action));
                request.Content = operation.Method is "GET" or "DELETE" ? null : JsonContent.Create(victim.Body(operation.Path));
                var answer = await http.SendAsync(request, Ct);
                var text = await answer.Content.ReadAsStringAsync(Ct);

                ((int)answer.StatusCode).ShouldBeOneOf([403, 404], $"{operation} {action}: {text}");
            }
        }

        (await RowsAsync(victim.Tenant.TenantId)).ShouldBe(before);
        before.Count(table => table.Value != "").ShouldBeGreaterThan(12);
    }

    [Fact]
    public async Task A_body_cannot_name_what_is_another_tenants()
    {
        var stranger = await host.ATenantAsync(Ct);
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var victim = await VictimAsync(sink);
        var own = await stranger.PostAsync("campaigns", new { stranger.CompanyId, Name = "C" }, Ct);
        var template = await stranger.ATemplateAsync(Ct);
        var step = await stranger.PostAsync($"campaigns/{own.Id()}/steps", CampaignScene.Email(template), Ct);
        (string Path, object Body)[] attempts =
        [
            ("domains", new { victim.Tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }),
            ("email-accounts", new { DomainId = victim.Domain, Email = "a@b.test" }),
            ("campaigns", new { victim.Tenant.CompanyId, Name = "C" }),
            ("campaigns", new { stranger.CompanyId, Name = "C", EmailAccountIds = new[] { victim.Mailbox } }),
            ($"campaigns/{own.Id()}/steps", new { StepType = "email", TemplateId = victim.Template }),
            ($"campaigns/{own.Id()}/steps", new { StepType = "email", TemplateId = template.Id(), EmailAccountId = victim.Mailbox }),
            ($"campaigns/{own.Id()}/leads", new { ListId = victim.List }),
            ("suppressions", new { Email = "a@b.example", victim.Tenant.CompanyId }),
            ($"campaigns/{own.Id()}/leads", new { LeadIds = new[] { victim.Lead } }),
            ($"campaigns/{own.Id()}/steps/{step.Id()}/variants", new { Name = "A", TemplateId = victim.Template }),
            ($"campaigns/{own.Id()}/test-run", new { To = stranger.Email, EmailAccountId = victim.Mailbox }),
            ($"campaigns/{own.Id()}/test-run", new { To = stranger.Email, LeadId = victim.Lead }),
            ("leads/bulk", new { Filter = new { }, Action = "add_to_list", ListId = victim.List }),
            ($"campaigns/{own.Id()}/messages/{victim.Message}/resend", new { }),
            ($"templates/{template.Id()}/preview", new { LeadId = victim.Lead }),
            ($"templates/{template.Id()}/test-send", new { To = stranger.Email, EmailAccountId = victim.Mailbox }),
        ];
        var (before, ours) = (await RowsAsync(victim.Tenant.TenantId), await RowsAsync(stranger.TenantId));

        foreach (var (path, body) in attempts)
        {
            var answer = await stranger.Http.PostAsJsonAsync(path, body, Ct);
            ((int)answer.StatusCode).ShouldBeOneOf([404], $"{path}: {await answer.Content.ReadAsStringAsync(Ct)}");
        }

        (await RowsAsync(victim.Tenant.TenantId)).ShouldBe(before);
        (await RowsAsync(stranger.TenantId)).ShouldBe(ours);
    }

    [Fact]
    public async Task No_collection_shows_anything_of_another_tenant()
    {
        var stranger = await host.ATenantAsync(Ct);
        await using var sink = new FaultySink { OnMessage = () => Task.FromResult(SmtpReply.Drop) };
        var victim = await VictimAsync(sink);
        var (_, operations) = await OpenApiTests.ReadAsync(host, Ct);

        // A stream does not end: NotificationTests see what one shows.
        var collections = operations.Where(operation =>
            operation.Method == "GET" && !operation.Path.Contains('{') && !operation.IsForStaff && !operation.IsStream).ToList();
        collections.Count.ShouldBeGreaterThan(8);
        foreach (var operation in collections)
        {
            var path = operation.Path["/api/v1/".Length..] + (operation.Path.EndsWith("/check", StringComparison.Ordinal) ? "?email=lead1@recipient.example" : "");
            var theirs = await (await stranger.Http.GetAsync(path, Ct)).Content.ReadAsStringAsync(Ct);
            victim.Ids.Where(id => theirs.Contains(id.ToString())).ShouldBeEmpty($"{path} shows {theirs}");
            (await victim.Tenant.Http.GetAsync(path, Ct)).IsSuccessStatusCode.ShouldBeTrue(path);
        }
    }

    // Something of each kind, and a message in doubt, which a stranger might settle.
    private async Task<Victim> VictimAsync(FaultySink sink)
    {
        var scene = await CampaignScene.LaunchAsync(host, sink, 1, Ct);
        var message = await scene.MessageAsync("in_doubt", Ct);
        await scene.CompletedAsync(Ct);
        await host.ImportsClearedAsync(scene.Tenant.TenantId, Ct);
        var draft = await scene.Tenant.PostAsync("campaigns", new { scene.Tenant.CompanyId, Name = "Draft" }, Ct);
        var text = (await scene.Tenant.GetAsync("templates", Ct))["items"]![0]!;
        var step = await scene.Tenant.PostAsync($"campaigns/{draft.Id()}/steps", CampaignScene.Email(text), Ct);
        var variant = await scene.Tenant.PostAsync($"campaigns/{draft.Id()}/steps/{step.Id()}/variants", new { Name = "A", TemplateId = text.Id() }, Ct);
        var mailbox = (await scene.Tenant.GetAsync("email-accounts", Ct))["items"]![0]!;
        await host.PutOnPlanAsync(scene.Tenant, "business", Ct);
        var colleague = await host.AColleagueAsync(scene.Tenant, "member", Ct);
        var invitation = await scene.Tenant.PostAsync("invitations", new { Email = $"{Guid.CreateVersion7():N}@invited.test", Roles = new[] { "admin" } }, Ct);
        var key = await scene.Tenant.PostAsync("api-keys", new { Name = "K", Scopes = new[] { "*:write" } }, Ct);
        var session = (await colleague.GetAsync("account/sessions", Ct))["items"]![0]!;
        await scene.Tenant.Http.PutAsJsonAsync($"companies/{scene.Tenant.CompanyId}/members/{colleague.UserId}", new { Role = "member" }, Ct);
        await host.RaiseAsync("victim", "warning", scene.Tenant.TenantId, Ct);
        var template = (await scene.Tenant.GetAsync("templates", Ct))["items"]![0]!.Id();
        var (folder, tag) = (await scene.Tenant.PostAsync("folders", new { Name = "F" }, Ct), await scene.Tenant.PostAsync("tags", new { Value = "t" }, Ct));
        await scene.Tenant.Http.PutAsync($"templates/{template}/folders/{folder["id"]}", null, Ct);
        await scene.Tenant.Http.PutAsync($"templates/{template}/tags/{tag["id"]}", null, Ct);
        await scene.Tenant.Http.PatchAsJsonAsync($"templates/{template}", new { Subject = "Changed" }, Ct);
        var thread = Guid.CreateVersion7();
        await host.QueryAsync("""
            INSERT INTO content.inbox_threads (id, tenant_id, participant, last_message, unread) VALUES ($1, $2, 'jane@writer.example', now(), 1)
            """, Ct, thread, scene.Tenant.TenantId);
        await scene.Tenant.Http.PutAsync($"inbox/threads/{thread}/tags/{tag["id"]}", null, Ct);
        var notification = (await scene.Tenant.GetAsync("notifications", Ct))["items"]![0]!.Id();
        // Paid for, with an add-on, and with a checkout that is not complete.
        await PenguinMails.Tests.Billing.BillingGiven.BuyAsync(scene.Tenant, "business", Ct);
        var addon = await scene.Tenant.PostAsync("subscription/addons", new { Type = "extra_users" }, Ct);
        var payment = (await scene.Tenant.GetAsync("payments", Ct))["items"]![0]!.Id();
        var checkout = (await scene.Tenant.PostAsync("subscription/portal", new { }, Ct)).Text("url").Split('/')[^2];
        return new Victim(
            scene.Tenant, colleague.UserId, invitation.Id(), key.Id(), session.Id(), notification, scene.Id, draft.Id(), message.Id(), mailbox.Id(), mailbox["domainId"]!.GetValue<Guid>(),
            template, (await scene.Tenant.GetAsync("lead-lists", Ct))["items"]![0]!.Id(),
            (await scene.Tenant.GetAsync("leads", Ct))["items"]![0]!.Id(), (await scene.Tenant.GetAsync("leads/imports", Ct))["items"]![0]!.Id(),
            folder["id"]!.ToString(), tag["id"]!.ToString(), step.Id(), variant.Id(), thread, addon.Text("id"), payment, checkout);
    }

    // Everything that belongs to the tenant, table by table. Not what is recorded of the attempts: events, which are sealed later too,
    // and the notifications of them.
    private async Task<IReadOnlyDictionary<string, string>> RowsAsync(Guid tenant)
    {
        var tables = await host.QueryAsync("""
            SELECT format('%I.%I', c.table_schema, c.table_name) FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            JOIN pg_class p ON p.oid = format('%I.%I', c.table_schema, c.table_name)::regclass AND NOT p.relispartition
            WHERE c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE' AND c.table_name NOT IN ('security_events', 'system_notifications')
            ORDER BY 1
            """, Ct);
        tables.Count.ShouldBeGreaterThan(20);
        var rows = new Dictionary<string, string>();
        foreach (var table in tables)
        {
            rows[table] = (await host.QueryAsync($"SELECT md5(string_agg(t::text, ';' ORDER BY t::text)) FROM {table} t WHERE tenant_id = $1", Ct, tenant)).Single();
        }

        return rows;
    }

    private static string[] ActionsOf(string path) =>
        !path.Contains("{action}") ? [""] : path.Contains("/inbox/threads/") ? ["read", "unread", "archive", "unarchive"] : ["resend", "skip"];

    private static string WithIds(string path, Func<string, string> idFor, string? action = null) => Part().Replace(
        path.Replace("{action}", action ?? ActionsOf(path)[0]), match => idFor($"{match.Groups["before"].Value}/{match.Groups["name"].Value}"));

    [GeneratedRegex(@"(?<=/(?<before>[\w-]+)/)\{(?<name>\w+)\}")]
    private static partial Regex Part();

    private sealed record Victim(
        TenantClient Tenant, Guid Colleague, Guid Invitation, Guid Key, Guid Session, Guid Notification, Guid Campaign, Guid Draft, Guid Message, Guid Mailbox, Guid Domain, Guid Template, Guid List, Guid Lead, Guid Import, string Folder, string Tag, Guid Step, Guid Variant, Guid Thread, string Addon, Guid Payment, string Checkout)
    {
        public IEnumerable<Guid> Ids => [Tenant.CompanyId, Tenant.TenantId, Colleague, Invitation, Key, Session, Notification, Campaign, Draft, Message, Mailbox, Domain, Template, List, Lead, Import, Step, Variant, Thread, Payment];

        /// <summary>The id for a path's part; an unknown part fails: say here what it is.</summary>
        public Func<string, string> IdFor(string action) => part => part switch
        {
            "campaigns/id" => (action == "" ? Draft : Campaign).ToString(),
            "threads/id" => Thread.ToString(),
            "attachments/index" => "0",
            "messages/messageId" or "messages/id" => Message.ToString(),
            "domains/id" => Domain.ToString(),
            "companies/id" => Tenant.CompanyId.ToString(),
            "members/userId" or "tenant-users/userId" => Colleague.ToString(),
            "invitations/id" => Invitation.ToString(),
            "api-keys/id" => Key.ToString(),
            "sessions/id" => Session.ToString(),
            "notifications/id" => Notification.ToString(),
            "email-accounts/id" => Mailbox.ToString(),
            "templates/id" => Template.ToString(),
            "versions/version" => "1",
            "folders/id" or "folders/folderId" => Folder,
            "tags/id" or "tags/tagId" => Tag,
            "steps/stepId" => Step.ToString(),
            "variants/variantId" => Variant.ToString(),
            "leads/id" or "leads/leadId" => Lead.ToString(),
            "lead-lists/id" => List.ToString(),
            "imports/id" => Import.ToString(),
            "addons/id" => Addon,
            "payments/id" => Payment.ToString(),
            "checkout/id" => Checkout,
            _ => throw new InvalidOperationException($"No id for {part}."),
        };

        /// <summary>What the operation would take from the victim's own owner.</summary>
        public object Body(string path) => path switch
        {
            "/api/v1/campaigns/{id}/steps" => new { StepType = "email", TemplateId = Template, EmailAccountId = Mailbox },
            "/api/v1/campaigns/{id}/leads" => new { ListId = List },
            "/api/v1/campaigns/{id}/steps/order" => new { StepIds = new[] { Step } },
            "/api/v1/campaigns/{id}/steps/{stepId}" => new { IsActive = false },
            "/api/v1/campaigns/{id}/steps/{stepId}/variants" => new { Name = "B", TemplateId = Template },
            "/api/v1/campaigns/{id}/schedule" => new { At = TimeProvider.System.GetUtcNow().AddDays(1) },
            "/api/v1/campaigns/{id}/test-run" => new { To = Tenant.Email },
            "/api/v1/campaigns/{id}" or "/api/v1/campaigns/{id}/steps/{stepId}/variants/{variantId}" => new { Name = "Stolen" },
            "/api/v1/domains/{id}" => new { TrackingHost = "stolen" },
            "/api/v1/companies/{id}" or "/api/v1/folders/{id}" or "/api/v1/templates/{id}" or "/api/v1/leads/{id}" or "/api/v1/lead-lists/{id}" => new { Name = "Stolen" },
            "/api/v1/inbox/threads/{id}/reply" => new { Text = "Stolen" },
            "/api/v1/subscription/addons/{id}" => new { Quantity = 1 },
            "/api/v1/subscription/checkout/{id}/confirm" => new { CardNumber = "4242424242424242" },
            "/api/v1/tags/{id}" => new { Value = "stolen" },
            "/api/v1/templates/{id}/test-send" => new { To = "a@b.example", EmailAccountId = Mailbox },
            "/api/v1/companies/{id}/members/{userId}" => new { Role = "owner" },
            "/api/v1/email-accounts/{id}" => new { DailyLimit = 1 },
            "/api/v1/email-accounts/{id}/warmup" => new { Status = "warming" },
            "/api/v1/notifications/{id}/resolution" => new { Notes = "Seen" },
            "/api/v1/tenant-users/{userId}/roles" => new { Roles = new[] { "viewer" } },
            _ => new { },
        };
    }
}
