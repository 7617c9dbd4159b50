using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace PenguinMails.Staff.Features.Settings;

/// <summary>What stands in <c>system_config.value</c>: JSON, or where it is sensitive, a JSON string of sealed JSON.</summary>
internal sealed class SettingValues(IDataProtectionProvider protection)
{
    public string Store(string key, JsonElement value, bool isSensitive) =>
        isSensitive ? JsonSerializer.Serialize(Protector(key).Protect(value.GetRawText())) : value.GetRawText();

    /// <summary>The value in clear; null where there is none.</summary>
    public JsonElement? Read(SystemSetting setting) => setting.Value is { } value
        ? Parse(setting.IsSensitive ? Protector(setting.Key).Unprotect(Parse(value).GetString()!) : value)
        : null;

    public static bool IsOfType(JsonElement value, SettingType type) => type switch
    {
        SettingType.String => value.ValueKind == JsonValueKind.String,
        SettingType.Integer => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        SettingType.Number => value.ValueKind == JsonValueKind.Number,
        SettingType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        SettingType.Json => value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined),
        _ => throw new InvalidOperationException($"No such type: {type}."),
    };

    public static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    // The key is part of the purpose: what is sealed for one opens as no other.
    private IDataProtector Protector(string key) => protection.CreateProtector("PenguinMails.Setting", key);
}
