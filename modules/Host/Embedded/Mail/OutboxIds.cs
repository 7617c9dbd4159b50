using System.Globalization;
using System.Text.RegularExpressions;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>Names of stored mail: UTC time, then a UUID. Their order is the order of arrival, even within one tick of the clock.</summary>
internal sealed partial class OutboxIds(TimeProvider clock)
{
    private const string TimeFormat = "yyyyMMdd'T'HHmmssfffffff'Z'";

    private readonly Lock gate = new();
    private long lastTick;

    public string Next()
    {
        var at = NextTick();
        return $"{at.ToString(TimeFormat, CultureInfo.InvariantCulture)}-{Guid.CreateVersion7(at):N}";
    }

    public static bool IsId(string id) => Pattern().IsMatch(id);

    /// <summary>When the mail was taken. The default for an id with no such date, which only a file named by hand has.</summary>
    public static DateTimeOffset TimeOf(string id) =>
        DateTimeOffset.TryParseExact(id.Split('-')[0], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : default;

    private DateTimeOffset NextTick()
    {
        lock (gate)
        {
            lastTick = Math.Max(clock.GetUtcNow().UtcTicks, lastTick + 1);
            return new DateTimeOffset(lastTick, TimeSpan.Zero);
        }
    }

    [GeneratedRegex(@"^[0-9]{8}T[0-9]{13}Z-[0-9a-f]{32}\z")]
    private static partial Regex Pattern();
}
