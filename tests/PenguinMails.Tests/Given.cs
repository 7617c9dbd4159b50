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
