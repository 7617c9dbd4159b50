using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Campaigns.Leads;

/// <summary>Section <c>Imports</c>.</summary>
internal sealed record ImportOptions
{
    /// <summary>Largest upload in bytes; beyond it the answer is 413.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxFileBytes { get; init; } = 1024L * 1024 * 1024;
}
