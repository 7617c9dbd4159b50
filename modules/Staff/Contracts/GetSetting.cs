using System.Text.Json;
using MediatR;

namespace PenguinMails.Staff.Contracts;

/// <summary>
/// A setting of the platform that staff keep at <c>/staff/config</c>; null where it is not set. Remembered, and forgotten on all hosts
/// within a second when it changes: ask each time.
/// </summary>
/// <param name="Key">Such as <c>sending.daily_cap</c>.</param>
public sealed record GetSetting(string Key) : IRequest<Setting?>
{
    /// <summary>Also finds a sensitive one, which otherwise is as if it were not set. Its value must never be logged or answered.</summary>
    public bool IncludeSensitive { get; init; }
}

/// <summary>A setting's value; staff can only give it one of its type.</summary>
public sealed record Setting(JsonElement Value)
{
    /// <summary>As a value of the module's own.</summary>
    /// <exception cref="JsonException">The setting is of another type.</exception>
    public T As<T>() => Value.Deserialize<T>(JsonSerializerOptions.Web)!;

    /// <summary>Nothing of the value: records print themselves into logs.</summary>
    public override string ToString() => nameof(Setting);
}
