using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Campaigns.Leads;

/// <summary>Section <c>Imports</c>.</summary>
internal sealed record ImportOptions
{
    /// <summary>Largest upload in bytes; beyond it the answer is 413.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxFileBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Seconds after which a host that stopped renewing its claim on an import counts as gone.</summary>
    [Range(3, 600)]
    public int LeaseSeconds { get; init; } = 15;

    /// <summary>Pause between two looks for imports that a host left, in milliseconds.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; init; } = 2000;

    /// <summary>Rows merged by one statement, which is how often progress is told.</summary>
    [Range(1, 1_000_000)]
    public int ChunkRows { get; init; } = 50_000;
}
