using System.Globalization;

namespace PenguinMails.Campaigns.Sending;

/// <summary>How long a condition waits for something to happen after a message was sent: <c>3d</c>, <c>12h</c>, <c>30m</c>.</summary>
internal static class LookBack
{
    /// <returns>Null for what is no such time.</returns>
    public static TimeSpan? Parse(string? value)
    {
        if (value is not [.. var digits, var unit] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count == 0)
        {
            return null;
        }

        return (unit, count) switch
        {
            ('d', <= 365) => TimeSpan.FromDays(count),
            ('h', <= 8760) => TimeSpan.FromHours(count),
            ('m', <= 525_600) => TimeSpan.FromMinutes(count),
            _ => null,
        };
    }
}
