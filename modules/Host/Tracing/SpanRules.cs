using System.Diagnostics;
using OpenTelemetry;
using PenguinMails.Shared;

namespace PenguinMails.Host.Tracing;

/// <summary>What holds for every span, a library's too: it names the tenant of the span around it, and nobody's address.</summary>
internal sealed class SpanRules : BaseProcessor<Activity>
{
    // Values are never in it, and its parameters begin with the same character.
    private const string Sql = "db.query.text";

    public override void OnStart(Activity data)
    {
        if (data.Parent?.GetTagItem(Telemetry.Tenant) is { } tenant)
        {
            data.SetTag(Telemetry.Tenant, tenant);
        }
    }

    public override void OnEnd(Activity data)
    {
        foreach (var tag in data.TagObjects.Where(tag => tag.Key != Sql && MayNameSomebody(tag.Value as string)).ToList())
        {
            data.SetTag(tag.Key, "redacted");
        }

        if (MayNameSomebody(data.StatusDescription))
        {
            data.SetStatus(data.Status);
        }
    }

    // In a URL it may be escaped.
    private static bool MayNameSomebody(string? text) => text is not null && (text.Contains('@') || text.Contains("%40", StringComparison.Ordinal));
}
