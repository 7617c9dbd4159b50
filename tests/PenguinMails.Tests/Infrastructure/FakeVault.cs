using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Tests.Infrastructure;

/// <summary>
/// A server that speaks Vault's HTTP API (KV version 2, AppRole, tokens, namespaces) as its documentation has it, over memory, and
/// fails when told to.
/// </summary>
internal sealed class FakeVault : IAsyncDisposable
{
    public const string RoleId = "canary-role-5f1d";
    public const string SecretId = "canary-secret-id-7c2e";
    public const string Token = "hvs.canary-static-token-93ab";

    private readonly ConcurrentDictionary<string, Lease> _tokens = new();
    private readonly ConcurrentDictionary<string, List<JsonNode?>> _secrets = new();
    private readonly TimeProvider _clock;
    private readonly WebApplication _app;

    public FakeVault(TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        _tokens[Token] = new Lease(DateTimeOffset.MaxValue, DateTimeOffset.MaxValue, true);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(AnswerAsync);
        _app.StartAsync().GetAwaiter().GetResult();
    }

    private sealed record Lease(DateTimeOffset Ends, DateTimeOffset Latest, bool Renewable);

    public string Address => _app.Urls.Single();

    /// <summary>Null: no namespaces, as in the community's edition.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether a write must name the version it replaces.</summary>
    public bool WantsVersions { get; init; }

    /// <summary>What a log-in gives, and how long renewals may stretch it.</summary>
    public TimeSpan Ttl { get; set; } = TimeSpan.FromHours(1);
    public TimeSpan MaxTtl { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Answers in the server's place; false goes on as usual.</summary>
    public Func<HttpContext, Task<bool>>? Fault { get; set; }

    /// <summary>Each request as <c>POST auth/approle/login</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public ConcurrentQueue<IHeaderDictionary> Headers { get; } = [];

    public int LogIns => Requests.Count(request => request == "POST auth/approle/login");

    /// <summary>The token that was given last.</summary>
    public string? Given { get; private set; }

    /// <summary>All versions of a value; a deleted one is null.</summary>
    public IReadOnlyList<string?> Values(string path) =>
        _secrets.TryGetValue(path, out var versions) ? [.. versions.Select(data => data?["value"]?.GetValue<string>())] : [];

    /// <summary>The paths there are.</summary>
    public IEnumerable<string> Paths => _secrets.Keys;

    /// <summary>What <c>vault kv delete</c> does: the newest version has no data any more.</summary>
    public void DeleteNewest(string path) => _secrets[path][^1] = null;

    public void Revoke(string token) => _tokens.TryRemove(token, out _);

    /// <summary>A token that was made for the platform by hand.</summary>
    public void Admit(string token, TimeSpan life, TimeSpan longest, bool renewable) =>
        _tokens[token] = new Lease(_clock.GetUtcNow() + life, _clock.GetUtcNow() + longest, renewable);

    /// <summary>Only the first so many requests meet the fault.</summary>
    public void FaultOnce(Func<HttpContext, Task> fault, int times = 1) => Fault = async http =>
    {
        if (Interlocked.Decrement(ref times) < 0)
        {
            return false;
        }

        await fault(http);
        return true;
    };

    public void FaultAlways(Func<HttpContext, Task> fault) => FaultOnce(fault, int.MaxValue);

    public static Func<HttpContext, Task> Status(int status, string error, string? retryAfter = null) => http =>
    {
        http.Response.Headers.RetryAfter = retryAfter;
        return WriteAsync(http, status, Errors(error));
    };

    public static Task Reset(HttpContext http)
    {
        http.Abort();
        return Task.CompletedTask;
    }

    /// <summary>Never answers.</summary>
    public static async Task Hang(HttpContext http)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The caller has given up.
        }
    }

    /// <summary>Ends in the middle of a value.</summary>
    public static Task Broken(HttpContext http) => http.Response.WriteAsync("{\"data\":{\"data\":{\"value\":\"half-a-sec");

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!["/v1/".Length..];
        Requests.Enqueue($"{http.Request.Method} {path}");
        Headers.Enqueue(http.Request.Headers);
        if (Fault is not null && await Fault(http))
        {
            return;
        }

        var body = http.Request.ContentLength is > 0 || http.Request.Headers.TransferEncoding.Count > 0
            ? await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted)
            : null;
        var (status, answer) = path switch
        {
            "sys/health" => (200, new JsonObject { ["initialized"] = true, ["sealed"] = false, ["standby"] = false }),
            _ when http.Request.Headers["X-Vault-Request"] != "true" => (400, Errors("missing 'X-Vault-Request' header")),
            _ when http.Request.Headers["X-Vault-Namespace"] != Namespace => (404, Errors("no handler for route. route entry not found.")),
            "auth/approle/login" => LogIn(body!),
            _ => WithToken(http.Request, path, body),
        };
        await WriteAsync(http, status, answer);
    }

    private (int, JsonNode?) WithToken(HttpRequest request, string path, JsonNode? body) => Find(TokenOf(request)) is not { } lease
        ? (403, Errors("permission denied"))
        : path switch
        {
            "auth/token/lookup-self" => LookUp(lease),
            "auth/token/renew-self" => Renew(TokenOf(request), lease),
            _ when path.StartsWith("secret/data/", StringComparison.Ordinal) => Data(request, path["secret/data/".Length..], body),
            _ when path.StartsWith("secret/metadata/", StringComparison.Ordinal) && request.Method == "DELETE" => Forget(path["secret/metadata/".Length..]),
            _ => (404, Errors($"no handler for route \"{path}\". route entry not found.")),
        };

    private static string TokenOf(HttpRequest request) => request.Headers["X-Vault-Token"].ToString();

    private Lease? Find(string token) => _tokens.TryGetValue(token, out var lease) && lease.Ends > _clock.GetUtcNow() ? lease : null;

    private (int, JsonNode?) LogIn(JsonNode body)
    {
        if (body["role_id"]?.GetValue<string>() != RoleId || body["secret_id"]?.GetValue<string>() != SecretId)
        {
            return (400, Errors("invalid role or secret ID"));
        }

        Given = $"hvs.canary-token-{Guid.CreateVersion7():N}";
        Admit(Given, Ttl, MaxTtl, renewable: true);
        return (200, Granted(Given, Find(Given)!));
    }

    private (int, JsonNode?) LookUp(Lease lease) => (200, Envelope(new JsonObject
    {
        ["ttl"] = lease.Ends == DateTimeOffset.MaxValue ? 0 : Seconds(lease.Ends), ["renewable"] = lease.Renewable,
    }));

    private (int, JsonNode?) Renew(string token, Lease lease)
    {
        if (!lease.Renewable)
        {
            return (400, Errors("lease is not renewable"));
        }

        var wanted = _clock.GetUtcNow() + Ttl;
        var renewed = _tokens[token] = lease with { Ends = wanted < lease.Latest ? wanted : lease.Latest };
        return (200, Granted(token, renewed));
    }

    private (int, JsonNode?) Data(HttpRequest request, string path, JsonNode? body)
    {
        var versions = _secrets.GetOrAdd(path, _ => []);
        lock (versions)
        {
            var version = int.TryParse(request.Query["version"], out var asked) ? asked : versions.Count;
            return request.Method switch
            {
                "GET" when version < 1 || version > versions.Count => (404, Errors()),
                "GET" => (versions[version - 1] is null ? 404 : 200, Envelope(new JsonObject
                {
                    ["data"] = versions[version - 1]?.DeepClone(), ["metadata"] = Metadata(versions[..version]),
                })),
                "POST" => Write(versions, body!),
                _ => (405, Errors("unsupported operation")),
            };
        }
    }

    private (int, JsonNode?) Write(List<JsonNode?> versions, JsonNode body)
    {
        var replaces = body["options"]?["cas"]?.GetValue<int>();
        if (WantsVersions && replaces is null)
        {
            return (400, Errors("check-and-set parameter required for this call"));
        }

        if (replaces is not null && replaces != versions.Count)
        {
            return (400, Errors("check-and-set parameter did not match the current version"));
        }

        versions.Add(body["data"]!.DeepClone());
        return (200, Envelope(Metadata(versions)));
    }

    private (int, JsonNode?) Forget(string path)
    {
        _secrets.TryRemove(path, out _);
        return (204, null);
    }

    private static JsonObject Metadata(List<JsonNode?> versions) => new()
    {
        ["created_time"] = "2018-03-22T02:24:06.945319214Z", ["custom_metadata"] = null, ["destroyed"] = false,
        ["deletion_time"] = versions[^1] is null ? "2018-03-22T02:36:43.986212308Z" : "", ["version"] = versions.Count,
    };

    private JsonObject Granted(string token, Lease lease)
    {
        var answer = Envelope(null);
        answer["auth"] = new JsonObject
        {
            ["client_token"] = token, ["accessor"] = "an-accessor", ["policies"] = new JsonArray("default"), ["lease_duration"] = Seconds(lease.Ends),
            ["renewable"] = lease.Renewable, ["token_type"] = "service", ["orphan"] = true,
        };
        return answer;
    }

    private long Seconds(DateTimeOffset ends) => (long)Math.Round((ends - _clock.GetUtcNow()).TotalSeconds);

    private static JsonObject Envelope(JsonNode? data) => new()
    {
        ["request_id"] = Guid.CreateVersion7().ToString(), ["lease_id"] = "", ["renewable"] = false, ["lease_duration"] = 0,
        ["data"] = data, ["wrap_info"] = null, ["warnings"] = null, ["auth"] = null,
    };

    private static JsonObject Errors(params string[] errors) => new() { ["errors"] = new JsonArray([.. errors.Select(error => JsonValue.Create(error))]) };

    private static Task WriteAsync(HttpContext http, int status, JsonNode? body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return body is null ? Task.CompletedTask : http.Response.WriteAsync(body.ToJsonString());
    }
}
