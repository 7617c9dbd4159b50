using System.Text.Json;

namespace PenguinMails.Staff.Features.Settings;

/// <param name="Value">Of a sensitive setting only dots.</param>
internal sealed record SettingResponse(
    string Key, JsonElement? Value, SettingType ValueType, string? Description, string? Category, bool IsSensitive, Guid? UpdatedBy,
    DateTimeOffset Updated)
{
    private static readonly JsonElement Mask = JsonSerializer.SerializeToElement("••••");

    public static SettingResponse Of(SystemSetting row) =>
        Of(row, row.IsSensitive ? Mask : row.Value is { } value ? SettingValues.Parse(value) : null);

    public static SettingResponse Of(SystemSetting row, JsonElement? value) => new(
        row.Key, value, row.ValueType, row.Description, row.Category, row.IsSensitive, row.UpdatedBy, row.Updated);
}
