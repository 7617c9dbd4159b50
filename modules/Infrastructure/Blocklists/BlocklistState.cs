namespace PenguinMails.Infrastructure.Blocklists;

/// <summary>How a blocklist did in its last self-test (table <c>blocklists</c>).</summary>
internal sealed class BlocklistState
{
    public required string Name { get; init; }

    /// <summary>Why it was not asked; null where it was.</summary>
    public string? Fault { get; init; }
    public DateTimeOffset Checked { get; init; }
}
