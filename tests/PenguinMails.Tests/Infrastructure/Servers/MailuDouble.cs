using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Tests.Infrastructure.Servers;

/// <summary>
/// Speaks as Mailu's administration does (core/admin/mailu/api/v1): the same paths, codes and bodies, and as there a second user of the
/// same address is an internal error.
/// </summary>
internal sealed class MailuDouble : IAsyncDisposable
{
    public const string Token = "mailu-token-1";

    private readonly WebApplication _app;

    private MailuDouble(WebApplication app) => _app = app;

    public ConcurrentDictionary<string, JsonObject> Domains { get; } = [];
    public ConcurrentDictionary<string, JsonObject> Users { get; } = [];

    /// <summary>Each request, as <c>PATCH user/a@b.test</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>Looks at each request first; true: it has answered in Mailu's place.</summary>
    public Func<HttpContext, string, Task<bool>>? OnRequest { get; set; }

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public static async Task<MailuDouble> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var mailu = new MailuDouble(app);
        app.Run(mailu.AnswerAsync);
        await app.StartAsync();
        return mailu;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!.Replace("/api/v1/", "");
        var request = $"{http.Request.Method} {path}";
        Requests.Enqueue(request);
        if (OnRequest is not null && await OnRequest(http, request))
        {
            return;
        }

        var body = http.Request.HasJsonContentType() ? (await JsonNode.ParseAsync(http.Request.Body))!.AsObject() : [];
        var (status, answer) = http.Request.Headers.Authorization == $"Bearer {Token}"
            ? Answer(http.Request.Method, path.Split('/'), body)
            : (403, new JsonObject { ["message"] = "Invalid API token" });
        http.Response.StatusCode = status;
        await http.Response.WriteAsJsonAsync(answer);
    }

    private (int Status, JsonObject Answer) Answer(string method, string[] path, JsonObject body) => (method, path) switch
    {
        ("GET", ["domain", var name]) => Domains.TryGetValue(name, out var domain) ? (200, Copy(domain)) : Says(404, $"Domain {name} does not exist"),
        ("POST", ["domain"]) => Domains.TryAdd(Text(body, "name"), body) ? Says(200, "created") : Says(409, $"Duplicate domain name {body["name"]}"),
        ("POST", ["domain", var name, "dkim"]) => Generate(name),
        ("GET", ["user", var email]) => Users.TryGetValue(email, out var user) ? (200, Copy(user)) : Says(404, $"User {email} cannot be found"),
        ("POST", ["user"]) when !Domains.ContainsKey(Text(body, "email").Split('@')[1]) => Says(404, "Domain does not exist"),
        ("POST", ["user"]) => Users.TryAdd(Text(body, "email"), body) ? Says(200, "created") : (500, new JsonObject { ["message"] = "Internal Server Error" }),
        ("PATCH", ["user", var email]) => Change(email, body),
        ("DELETE", ["user", var email]) => Users.TryRemove(email, out _) ? Says(200, "deleted") : Says(404, $"User {email} cannot be found"),
        _ => (404, new JsonObject { ["message"] = "The requested URL was not found on the server." }),
    };

    private (int, JsonObject) Generate(string name)
    {
        if (!Domains.TryGetValue(name, out var domain))
        {
            return Says(404, $"Domain {name} does not exist");
        }

        domain["dns_dkim"] = $"dkim._domainkey.{name}. 600 IN TXT \"v=DKIM1; k=rsa; p=x\"";
        return Says(200, $"DKIM/DMARC keys have been generated for domain {name}");
    }

    private (int, JsonObject) Change(string email, JsonObject body)
    {
        if (!Users.TryGetValue(email, out var user))
        {
            return Says(404, $"User {email} cannot be found");
        }

        foreach (var (name, value) in body)
        {
            user[name] = value?.DeepClone();
        }

        return Says(200, $"User {email} has been updated");
    }

    private static (int, JsonObject) Says(int code, string message) => (code, new JsonObject { ["code"] = code, ["message"] = message });

    // Mailu never shows a password.
    private static JsonObject Copy(JsonObject row)
    {
        var copy = row.DeepClone().AsObject();
        copy.Remove("raw_password");
        return copy;
    }

    private static string Text(JsonObject body, string name) => body[name]!.GetValue<string>();
}
