using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Tests.Infrastructure;

internal enum HostwindsFault
{
    None,
    TooMany,
    ServerError,
    Silence,
    BadJson,
    WrongShape,
    RefusedKey,
    Forbidden,
    NoFunds,
    Redirect,

    /// <summary>Begins to answer, and stops.</summary>
    Stall,

    /// <summary>Does what it is asked, and then says nothing.</summary>
    LostAnswer,

    /// <summary>Does what it is asked, and answers what is no JSON.</summary>
    GarbledAnswer,
}

/// <summary>Hostwinds' cloud API as its documents and users describe it, with faults on demand.</summary>
internal sealed class FakeHostwinds : IAsyncDisposable
{
    public const string Key = "hostwinds-key-1";

    private readonly WebApplication _app;
    private int _lastId = 1000;

    private FakeHostwinds(WebApplication app) => _app = app;

    public Uri Url => new($"{_app.Urls.First()}/cloud/api.php");

    public ConcurrentDictionary<int, Server> Servers { get; } = [];

    /// <summary>What it was asked for so far, the key left out: such as <c>add_instance srvrname=pm-1 qty=1</c>.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    /// <summary>By action; each of its requests has the next fault, and then none.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<HostwindsFault>> Faults { get; } = [];

    /// <summary>Of a 429; null for none.</summary>
    public int? RetryAfterSeconds { get; set; }

    /// <summary>When servers are created, in its own words.</summary>
    public string CreatedAt { get; set; } = "2026-01-31 15:04:05";

    public static async Task<FakeHostwinds> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeHostwinds(app);
        app.MapPost("/cloud/api.php", fake.AnswerAsync);
        await app.StartAsync(ct);
        return fake;
    }

    public void Fail(string action, params HostwindsFault[] faults) => Faults[action] = new(faults);

    /// <summary>Every server is built, or some never are.</summary>
    public void Build(string status = "ACTIVE") => Servers.Values.ToList().ForEach(server => Servers[server.Id] = server with { Status = status });

    public int Count(string action) => Requests.Count(request => request.Split(' ')[0] == action);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpRequest request)
    {
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        var action = form["action"].ToString();
        Requests.Enqueue(string.Join(' ', form.Where(field => field.Key is not ("action" or "API")).Select(field => $"{field.Key}={field.Value}").Prepend(action)));
        if (form["API"] != Key)
        {
            return Error("Authorization", "Not Authorized!");
        }

        var fault = Faults.TryGetValue(action, out var queue) && queue.TryDequeue(out var next) ? next : HostwindsFault.None;
        if (RefusalOf(fault, request) is { } refusal)
        {
            return refusal;
        }

        if (fault is HostwindsFault.Silence or HostwindsFault.Stall)
        {
            if (fault == HostwindsFault.Stall)
            {
                await request.HttpContext.Response.WriteAsync("[", request.HttpContext.RequestAborted);
                await request.HttpContext.Response.Body.FlushAsync(request.HttpContext.RequestAborted);
            }

            return await SilenceAsync(request);
        }

        var answer = Do(action, form);
        return fault switch
        {
            HostwindsFault.LostAnswer => await SilenceAsync(request),
            HostwindsFault.GarbledAnswer => Results.Text("<html>Maintenance"),
            _ => answer,
        };
    }

    private IResult? RefusalOf(HostwindsFault fault, HttpRequest request)
    {
        switch (fault)
        {
            case HostwindsFault.TooMany:
                request.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds?.ToString(System.Globalization.CultureInfo.InvariantCulture);
                return Results.StatusCode(429);
            case HostwindsFault.ServerError: return Results.StatusCode(500);
            case HostwindsFault.BadJson: return Results.Text("""{"success": [""", "application/json");
            case HostwindsFault.WrongShape: return Results.Json(new { success = true });
            case HostwindsFault.RefusedKey: return Error("Authorization", $"Not Authorized! {Key}");
            case HostwindsFault.Forbidden: return Results.StatusCode(403);
            case HostwindsFault.NoFunds: return Error("Add Instance", $"Insufficient funds for {Key}.");
            case HostwindsFault.Redirect: return Results.Redirect("/elsewhere");
            default: return null;
        }
    }

    private IResult Do(string action, IFormCollection form)
    {
        switch (action)
        {
            case "get_instances":
                return Results.Json(new { success = Servers.Values.OrderBy(server => server.Id).Select(server => server.Json) });
            case "add_instance":
                var id = Interlocked.Increment(ref _lastId);
                Servers[id] = new Server(id, form["srvrname"]!, "BUILD", $"203.0.113.{id % 256}", CreatedAt);
                return Results.Json(new object[]
                {
                    new { result = "success", action = "Invoice Paid" },
                    new { result = "success", action = "Add Instance", message = "Server is being Created!" },
                });
            case "terminate":
                return int.TryParse(form["serviceid"], out var gone) && Servers.TryRemove(gone, out _)
                    ? Results.Json(new[] { new { result = "success", message = "Instance deleted" } })
                    : Error("Terminate", "A valid serviceid is required.");
            default:
                return Error(action, "Unknown action.");
        }
    }

    private static async Task<IResult> SilenceAsync(HttpRequest request)
    {
        await Task.Delay(Timeout.Infinite, request.HttpContext.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        return Results.Empty;
    }

    // 200, as for a success.
    private static IResult Error(string action, string message) => Results.Json(new[] { new { result = "error", action, message, ERROR = "342432" } });

    /// <param name="Others">Further addresses, in whichever form the API has them.</param>
    internal sealed record Server(int Id, string Name, string Status, string MainIp, string CreatedAt, object? Others = null, int IsSuspended = 0)
    {
        public object Json => new
        {
            serviceid = Id,
            srvrname = Name,
            main_ip = Status == "BUILD" ? null : MainIp,
            ips = Others,
            status = Status,
            is_suspended = IsSuspended,
            created_at = CreatedAt,
            password = "never-to-be-kept",
        };
    }
}
