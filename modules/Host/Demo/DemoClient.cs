using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace PenguinMails.Host.Demo;

/// <summary>Talks to the host over HTTP as any client would.</summary>
internal sealed class DemoClient(string url) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri($"{url}/api/v1/") };

    public void UseToken(string token) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

    public async Task<JsonNode> GetAsync(string path, CancellationToken ct) => await ReadAsync(await _http.GetAsync(path, ct), ct);

    public async Task<JsonNode> PostAsync(string path, object? body, CancellationToken ct) =>
        await ReadAsync(await _http.PostAsJsonAsync(path, body ?? new { }, ct), ct);

    public async Task<JsonNode> UploadAsync(string path, Stream file, string name, CancellationToken ct)
    {
        using var form = new MultipartFormDataContent { { new StreamContent(file), "file", name } };
        return await ReadAsync(await _http.PostAsync(path, form, ct), ct);
    }

    /// <summary>The newest item of a collection that fits, or one that is made now.</summary>
    public async Task<JsonNode> FindOrPostAsync(string path, Func<JsonNode, bool> fits, object body, CancellationToken ct)
    {
        var page = await GetAsync($"{path}?limit=200", ct);
        return page["items"]!.AsArray().FirstOrDefault(item => fits(item!)) ?? await PostAsync(path, body, ct);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, CancellationToken ct)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(ct);
            if (response.IsSuccessStatusCode)
            {
                return JsonNode.Parse(text.Length == 0 ? "{}" : text)!;
            }

            throw new HttpRequestException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} answered {(int)response.StatusCode}: {text}");
        }
    }
}
