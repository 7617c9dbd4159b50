using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Configuration;

namespace PenguinMails.Shared;

/// <summary>
/// What the platform tells of its work beside what its libraries tell (OpenTelemetry); it costs nothing where nobody listens. Spans carry
/// the tenant's id and never a person's address.
/// </summary>
public static class Telemetry
{
    /// <summary>The attribute with the tenant's id.</summary>
    public const string Tenant = "tenant.id";

    private static readonly ActivitySource Source = new("PenguinMails.Host");
    private static readonly Meter Meter = new("PenguinMails.Host");

    /// <summary>Messages and what became of them, by <c>kind</c>: sent, deferred, bounced, complained, opened, clicked, replied.</summary>
    public static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("penguinmails.deliveries", "{message}");

    /// <summary>Rows of uploaded files that were merged.</summary>
    public static readonly Counter<long> ImportedRows = Meter.CreateCounter<long>("penguinmails.imports.rows", "{row}");

    /// <summary>Whether somebody collects what is told.</summary>
    public static bool IsCollected(IConfiguration configuration) => !string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

    /// <summary>Begins a span within the current one.</summary>
    /// <param name="tenantId">Absent: that of the span around it.</param>
    /// <param name="parent">The <c>traceparent</c> (W3C) of who caused it elsewhere; absent: the current span.</param>
    /// <returns>Null where nobody listens.</returns>
    public static Activity? Begin(string name, Guid? tenantId = null, ActivityKind kind = ActivityKind.Internal, string? parent = null)
    {
        var span = parent is null ? Source.StartActivity(name, kind) : Source.StartActivity(name, kind, parent);
        return tenantId is null ? span : span?.SetTag(Tenant, tenantId.ToString());
    }

    /// <summary>A number that is asked for whenever metrics are read.</summary>
    public static void Observe(string name, string unit, Func<double> value) => Meter.CreateObservableGauge(name, value, unit);
}
