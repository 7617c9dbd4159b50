using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using PenguinMails.Staff.Contracts;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Tests;

/// <summary>What tests start from, made over HTTP as a user would.</summary>
internal static partial class Given
{
    public const string Password = "a-long-password-1";

    /// <summary>A tenant with its owner logged in and its first company.</summary>
    public static async Task<TenantClient> ATenantAsync(this HostFixture host, CancellationToken ct)
    {
        var http = host.Anonymous();
        return await http.SignUpAsync(address => host.CodeAsync(address, ct), ct);
    }

    /// <summary>Signs up, verifies the address by the mailed code, logs in, and finds the first company.</summary>
    /// <param name="codeFor">Reads the code that was mailed to an address.</param>
    public static async Task<TenantClient> SignUpAsync(this HttpClient http, Func<string, Task<string>> codeFor, CancellationToken ct)
    {
        var email = $"{Guid.CreateVersion7():N}@tenant.test";
        var answer = await http.PostAsJsonAsync("auth/sign-up", new
        {
            Email = email,
            Password,
            Name = "Some Owner",
            CompanyName = "Some Company",
            PostalAddress = "1 Some Street, Some Town",
        }, ct);
        await answer.ReadAsync(ct);
        await (await http.PostAsJsonAsync("auth/verify-email", new { Email = email, Code = await codeFor(email) }, ct)).ReadAsync(ct);
        var grant = await http.LogInAsync(email, ct);
        var company = await (await http.GetAsync("companies", ct)).ReadAsync(ct);
        return new TenantClient(
            http, email, grant["tenantId"]!.GetValue<Guid>(), grant["userId"]!.GetValue<Guid>(), company["items"]!.AsArray().Single()!.Id());
    }

    /// <summary>Logs in; the client bears the token from then on.</summary>
    public static async Task<JsonNode> LogInAsync(this HttpClient http, string email, CancellationToken ct, string password = Password)
    {
        var grant = await (await http.PostAsJsonAsync("auth/log-in", new { Email = email, Password = password }, ct)).ReadAsync(ct);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", grant.Text("accessToken"));
        return grant;
    }

    /// <summary>The newest mail to an address whose subject begins so, once it has come.</summary>
    public static async Task<MimeMessage> MailAsync(this HostFixture host, string address, string subject, CancellationToken ct) =>
        (await EventuallyAsync(
            () => Task.FromResult(host.Mail.Where(mail => mail.To.Mailboxes.Any(to => string.Equals(to.Address, address, StringComparison.OrdinalIgnoreCase))
                && mail.Subject!.StartsWith(subject, StringComparison.Ordinal)).MaxBy(mail => mail.Date)),
            found => found is not null, ct))!;

    /// <summary>The six digits in a mail to verify an address.</summary>
    public static async Task<string> CodeAsync(this HostFixture host, string address, CancellationToken ct) =>
        CodeOf(await host.MailAsync(address, "Verify", ct));

    public static string CodeOf(MimeMessage mail) => Code().Match(mail.TextBody!).Groups[1].Value;

    /// <summary>The token in the link of a mail.</summary>
    public static string TokenOf(MimeMessage mail) => Link().Match(mail.TextBody!).Groups[1].Value;

    /// <summary>Puts a tenant on another plan, as a subscription would, and says so to all hosts.</summary>
    public static async Task PutOnPlanAsync(this HostFixture host, TenantClient tenant, string slug, CancellationToken ct)
    {
        await host.QueryAsync(
            "UPDATE subscriptions SET plan_id = (SELECT id FROM plans WHERE slug = $2) WHERE tenant_id = $1", ct, tenant.TenantId, slug);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(tenant.TenantId), ct);
    }

    /// <summary>Somebody who was invited into the tenant with this role, accepted, and logged in there.</summary>
    public static async Task<TenantClient> AColleagueAsync(this HostFixture host, TenantClient tenant, string role, CancellationToken ct)
    {
        var email = $"{Guid.CreateVersion7():N}@colleague.test";
        await tenant.PostAsync("invitations", new { Email = email, Roles = new[] { role } }, ct);
        var token = TokenOf(await host.MailAsync(email, "You are invited", ct));
        var http = host.Anonymous();
        await (await http.PostAsJsonAsync("auth/accept-invitation", new { Token = token, Name = "Some Colleague", Password }, ct)).ReadAsync(ct);
        var grant = await http.LogInAsync(email, ct);
        return tenant with { Http = http, Email = email, UserId = grant["userId"]!.GetValue<Guid>() };
    }

    /// <summary>Turns two factors on for the person; the authenticator and the recovery codes.</summary>
    public static async Task<(Authenticator Authenticator, IReadOnlyList<string> RecoveryCodes)> WithTwoFactorsAsync(this TenantClient person, CancellationToken ct)
    {
        var enrolment = await person.PostAsync("account/two-factor", new { Password }, ct);
        var authenticator = new Authenticator(enrolment.Text("key"));
        var enabled = await person.PostAsync("account/two-factor/enable", new { Code = authenticator.NextCode() }, ct);
        return (authenticator, [.. enabled["recoveryCodes"]!.AsArray().Select(code => code!.GetValue<string>())]);
    }

    /// <summary>One of the platform's staff, logged in and with two factors.</summary>
    /// <param name="role">1 super_admin, 2 admin, 3 support, 4 qa.</param>
    public static async Task<TenantClient> AStaffMemberAsync(this HostFixture host, int role, CancellationToken ct)
    {
        var person = await host.ATenantAsync(ct);
        await person.WithTwoFactorsAsync(ct);
        await host.QueryAsync("INSERT INTO staff_members (user_id, role_id) VALUES ($1, $2)", ct, person.UserId, role);
        await host.Services.GetRequiredService<IPublisher>().Publish(new AccessChanged(person.UserId), ct);
        return person;
    }

    /// <summary>A notification, or a repeat of the open one of the same key.</summary>
    public static async Task RaiseAsync(
        this HostFixture host, string key, string severity, Guid? tenantId, CancellationToken ct, TimeSpan? autoResolveAfter = null, string title = "Look")
    {
        await using var scope = host.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<ISender>().Send(
            new RaiseNotification("test", title, "Something to look at.", severity, key, tenantId) { AutoResolveAfter = autoResolveAfter }, ct);
    }

    /// <summary>A verified domain.</summary>
    public static async Task<JsonNode> ADomainAsync(this TenantClient tenant, CancellationToken ct, string mailHosting = "external")
    {
        var domain = await tenant.PostAsync(
            "domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test", MailHosting = mailHosting }, ct);
        await tenant.PostAsync($"domains/{domain.Id()}/verify", new { }, ct);
        return domain;
    }

    /// <summary>A mailbox at a verified domain that may send at once and much.</summary>
    public static async Task<JsonNode> AMailboxAsync(this TenantClient tenant, CancellationToken ct)
    {
        var domain = await tenant.ADomainAsync(ct);
        return await tenant.PostAsync("email-accounts", new
        {
            DomainId = domain.Id(),
            Email = $"someone@{domain["domain"]}",
            DisplayName = "Someone",
            Provider = "smtp",
            DailyLimit = 1000,
        }, ct);
    }

    /// <summary>A list with this many leads.</summary>
    public static async Task<Guid> AListAsync(this TenantClient tenant, int leads, CancellationToken ct)
    {
        var rows = Enumerable.Range(1, leads).Select(number => $"lead{number}@recipient.example,Lead{number}");
        var import = await tenant.UploadAsync("leads/import?list=Leads", $"email,first_name\n{string.Join('\n', rows)}\n", ct);
        return import["listId"]!.GetValue<Guid>();
    }

    /// <summary>Waits until nothing is left of what the tenant's imports have staged, which is cleared away after they have answered.</summary>
    public static Task ImportsClearedAsync(this HostFixture host, Guid tenantId, CancellationToken ct) => EventuallyAsync(
        () => host.QueryAsync("SELECT coalesce(sum(staged_rows), 0) FROM lead_imports WHERE tenant_id = $1", ct, tenantId), rows => rows is ["0"], ct);

    /// <summary>Looks again and again until what is there is as wanted, and fails with what was there last when half a minute is over.</summary>
    /// <param name="seconds">How long to look, where half a minute is too short.</param>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> isWanted, CancellationToken ct, int seconds = 30)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        // Soon at first, then ever less often: a plan limits requests.
        var pause = 20;
        while (true)
        {
            var found = await look();
            if (isWanted(found))
            {
                return found;
            }

            patience.IsCancellationRequested.ShouldBeFalse($"Not so within {seconds} seconds; the last that was seen: {found}");
            await Task.Delay(pause = Math.Min(pause * 5 / 4, 250), ct);
        }
    }

    /// <summary>How many security events of a type there are of the tenant or its owner.</summary>
    public static async Task<int> EventsAsync(this HostFixture host, TenantClient of, string type, CancellationToken ct) =>
        int.Parse((await host.QueryAsync(
            "SELECT count(*) FROM security_events WHERE event_type = $1 AND (tenant_id = $2 OR (tenant_id IS NULL AND user_id = $3))", ct,
            type, of.TenantId, of.UserId)).Single());

    /// <summary>The rows of a query by the database's administrator, one text each.</summary>
    public static async Task<IReadOnlyList<string>> QueryAsync(this HostFixture host, string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = await host.AdministratorAsync(ct);
        return await connection.RowsAsync(sql, ct, values);
    }

    /// <summary>The rows of a query, one text each.</summary>
    public static async Task<IReadOnlyList<string>> RowsAsync(this Npgsql.NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = new Npgsql.NpgsqlCommand(sql, connection);
        command.Parameters.AddRange(values.Select(value => new Npgsql.NpgsqlParameter { Value = value }).ToArray());
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new List<string>();
        while (await reader.ReadAsync(ct))
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount)
                .Select(index => Convert.ToString(reader.GetValue(index), System.Globalization.CultureInfo.InvariantCulture))));
        }

        return rows;
    }

    /// <summary>The body of a problem (RFC 9457) with this status.</summary>
    public static async Task<JsonNode> ProblemAsync(this HttpResponseMessage response, System.Net.HttpStatusCode status, CancellationToken ct)
    {
        var text = await response.Content.ReadAsStringAsync(ct);
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json", text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>The fields that a problem names, in order.</summary>
    public static IReadOnlyList<string> Fields(this JsonNode problem) =>
        [.. (problem["errors"]?.AsObject().Select(field => field.Key) ?? []).Order(StringComparer.Ordinal)];

    public static string Text(this JsonNode node, string name) => node[name]!.GetValue<string>();

    public static int Number(this JsonNode node, string name) => node[name]!.GetValue<int>();

    public static Guid Id(this JsonNode node) => node["id"]!.GetValue<Guid>();

    /// <summary>The body of a success.</summary>
    public static async Task<JsonNode> ReadAsync(this HttpResponseMessage response, CancellationToken ct)
    {
        var text = await response.Content.ReadAsStringAsync(ct);
        response.IsSuccessStatusCode.ShouldBeTrue($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {(int)response.StatusCode}: {text}");
        return JsonNode.Parse(text.Length == 0 ? "{}" : text)!;
    }

    [GeneratedRegex(@"code (\d{6})")]
    private static partial Regex Code();

    [GeneratedRegex(@"#[\w-]+=([\w-]+)")]
    private static partial Regex Link();
}

/// <summary>An authenticator app (RFC 6238). Each code works once, so it begins in the past, as far as a server lets clocks differ.</summary>
internal sealed class Authenticator(string key)
{
    private readonly OtpNet.Totp _totp = new(OtpNet.Base32Encoding.ToBytes(key));
    private int _used = -1;

    /// <summary>A code that was not given before; there are three.</summary>
    public string NextCode() => _totp.ComputeTotp(TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30 * _used++));
}

/// <summary>A logged-in owner.</summary>
internal sealed record TenantClient(HttpClient Http, string Email, Guid TenantId, Guid UserId, Guid CompanyId)
{
    public async Task<JsonNode> GetAsync(string path, CancellationToken ct) => await (await Http.GetAsync(path, ct)).ReadAsync(ct);

    public async Task<JsonNode> PostAsync(string path, object body, CancellationToken ct) =>
        await (await Http.PostAsJsonAsync(path, body, ct)).ReadAsync(ct);

    public async Task<JsonNode> UploadAsync(string path, string csv, CancellationToken ct) =>
        await (await SendFileAsync(path, System.Text.Encoding.UTF8.GetBytes(csv), ct)).ReadAsync(ct);

    public async Task<HttpResponseMessage> SendFileAsync(string path, byte[] csv, CancellationToken ct)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(csv), "file", "leads.csv" } };
        return await Http.PostAsync(path, form, ct);
    }
}
