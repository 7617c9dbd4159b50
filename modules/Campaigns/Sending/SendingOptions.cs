using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Campaigns.Sending;

/// <summary>Section <c>Sending</c>.</summary>
internal sealed record SendingOptions
{
    /// <summary>False on hosts that only serve HTTP.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Where recipients reach this host, without a trailing slash: the unsubscribe links begin with it.</summary>
    [Required, Url]
    public string PublicUrl { get; init; } = "http://localhost:5080";

    /// <summary>Pause between two looks for due work when there was none, in milliseconds.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; init; } = 1000;

    /// <summary>Enrollments claimed at once for a tenant.</summary>
    [Range(1, 1000)]
    public int BatchSize { get; init; } = 100;

    /// <summary>Enrollments of a tenant worked on at once.</summary>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 4;

    /// <summary>Seconds after which a host that stopped renewing its claim counts as gone.</summary>
    [Range(3, 600)]
    public int LeaseSeconds { get; init; } = 15;
}
