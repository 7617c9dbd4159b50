using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Host.Jobs;

/// <summary>Section <c>Jobs</c>.</summary>
internal sealed record JobOptions
{
    public const string Section = "Jobs";

    /// <summary>How many jobs this host runs at once, mail apart.</summary>
    [Range(1, 100)]
    public int Workers { get; init; } = 3;

    [Range(1, 100)]
    public int MailWorkers { get; init; } = 2;

    /// <summary>How soon a host sees what is due, and what another one has enqueued; its own it sees at once.</summary>
    [Range(50, 60_000)]
    public int PollMilliseconds { get; init; } = 5000;

    /// <summary>How long after its last sign of life a host is thought dead, and what it was at given to another.</summary>
    [Range(5, 3600)]
    public int InvisibleSeconds { get; init; } = 120;
}
