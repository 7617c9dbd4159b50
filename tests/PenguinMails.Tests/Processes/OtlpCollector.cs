using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PenguinMails.Tests.Processes;

/// <summary>A span as it was exported, with the texts among its attributes.</summary>
internal sealed record CollectedSpan(string Trace, string Id, string Parent, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Collects what hosts export over OTLP (HTTP and protobuf): spans are read, all else is kept as it came.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpCollector(WebApplication app) => _app = app;

    public ConcurrentQueue<CollectedSpan> Spans { get; } = [];

    /// <summary>Everything, in which texts are as they are: by path, such as <c>/v1/metrics</c>.</summary>
    public ConcurrentQueue<(string Path, string Text)> Bodies { get; } = [];

    public string[] Options =>
    [
        $"--OTEL_EXPORTER_OTLP_ENDPOINT={_app.Urls.First()}", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_BSP_SCHEDULE_DELAY=200",
        "--OTEL_BLRP_SCHEDULE_DELAY=200", "--OTEL_METRIC_EXPORT_INTERVAL=500",
    ];

    public static async Task<OtlpCollector> StartAsync(CancellationToken ct)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync(ct);
        return collector;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        Bodies.Enqueue((http.Request.Path, Encoding.UTF8.GetString(body.ToArray())));
        if (http.Request.Path == "/v1/traces")
        {
            // ExportTraceServiceRequest.resource_spans.scope_spans.spans (opentelemetry-proto, trace/v1).
            foreach (var span in Fields(body.ToArray(), 1).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2)))
            {
                Spans.Enqueue(SpanOf(span));
            }
        }
    }

    private static CollectedSpan SpanOf(byte[] span) => new(
        Hex(span, 1), Hex(span, 2), Hex(span, 4), Text(Fields(span, 5)),
        Fields(span, 9).DistinctBy(pair => Text(Fields(pair, 1))).ToDictionary(pair => Text(Fields(pair, 1)), pair => Text(Fields(pair, 2).SelectMany(value => Fields(value, 1)))));

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).FirstOrDefault() ?? []);

    private static string Text(IEnumerable<byte[]> values) => Encoding.UTF8.GetString(values.FirstOrDefault() ?? []);

    // The values of a field that is a message, a text or bytes (wire type 2).
    private static IEnumerable<byte[]> Fields(byte[] message, int wanted)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var length = (tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => (int)Varint(message, ref at) };
            if ((tag & 7) == 0)
            {
                Varint(message, ref at);
            }
            else if ((int)(tag >> 3) == wanted && (tag & 7) == 2)
            {
                yield return message[at..(at + length)];
            }

            at += length;
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }
}
