namespace PenguinMails.Staff;

/// <summary>A setting of the platform (table <c>system_config</c>).</summary>
internal sealed class SystemSetting
{
    public required string Key { get; init; }

    /// <summary>JSON; where it is sensitive, a string of sealed JSON.</summary>
    public string? Value { get; set; }
    public SettingType ValueType { get; set; }
    public string? Description { get; set; }
    public string? Category { get; set; }
    public bool IsSensitive { get; set; }
    public Guid? UpdatedBy { get; set; }
    public DateTimeOffset Updated { get; private set; }
}

internal enum SettingType
{
    String,
    Integer,
    Number,
    Boolean,
    Json,
}
