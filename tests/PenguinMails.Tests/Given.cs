using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace PenguinMails.Tests;

/// <summary>What tests start from, made over HTTP as a user would.</summary>
internal static class Given
{
    public const string Password = "a-long-password-1";

    /// <summary>A tenant with its owner logged in and its first company.</summary>
    public static async Task<TenantClient> ATenantAsync(this HostFixture host, CancellationToken ct)
    {
        var email = $"{Guid.CreateVersion7():N}@tenant.test";
        var http = host.Anonymous();
        var answer = await http.PostAsJsonAsync("auth/sign-up", new
        {
            Email = email,
            Password,
            Name = "Some Owner",
            CompanyName = "Some Company",
            PostalAddress = "1 Some Street, Some Town",
        }, ct);
        var body = await answer.ReadAsync(ct);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body["accessToken"]!.GetValue<string>());
        return new TenantClient(http, email, body["tenantId"]!.GetValue<Guid>(), body["userId"]!.GetValue<Guid>(), body["companyId"]!.GetValue<Guid>());
    }

    /// <summary>A verified domain.</summary>
    public static async Task<JsonNode> ADomainAsync(this TenantClient tenant, CancellationToken ct)
    {
        var domain = await tenant.PostAsync("domains", new { tenant.CompanyId, Domain = $"d{Guid.CreateVersion7():N}.test" }, ct);
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

    /// <summary>Looks again and again until what is there is as wanted, and fails with what was there last when half a minute is over.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> isWanted, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var found = await look();
            if (isWanted(found))
            {
                return found;
            }

            patience.IsCancellationRequested.ShouldBeFalse($"Not so within 30 seconds; the last that was seen: {found}");
            await Task.Delay(25, ct);
        }
    }

    /// <summary>The rows of a query by the database's administrator, one text each.</summary>
    public static async Task<IReadOnlyList<string>> QueryAsync(this HostFixture host, string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = await host.AdministratorAsync(ct);
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
