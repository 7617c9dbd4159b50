namespace PenguinMails.Infrastructure.Servers;

/// <summary>What a run over one provider's servers found and did.</summary>
internal sealed record SyncReport(ServerProviderKind Provider)
{
    /// <summary>How many servers the provider has.</summary>
    public int Seen { get; set; }

    /// <summary>Why nothing could be done at all; null when something could.</summary>
    public string? Fault { get; set; }

    public List<Entry> Changes { get; } = [];

    public List<Entry> Problems { get; } = [];

    /// <summary>Servers of the account that are none of ours. They are left alone.</summary>
    public List<Stranger> Unknown { get; } = [];

    /// <param name="What">For people.</param>
    internal sealed record Entry(Guid ServerId, string What);

    internal sealed record Stranger(string InstanceId, string Name, IReadOnlyList<string> Addresses);
}
