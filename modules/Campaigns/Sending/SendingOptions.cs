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

    /// <summary>Pause between two looks for due campaigns when there was none, in milliseconds.</summary>
    [Range(10, 60_000)]
    public int PollMilliseconds { get; init; } = 1000;

    /// <summary>
    /// A campaign that is held up is looked at so often, in seconds, in case what it waits for has come earlier; one with nothing due for long every
    /// fifteenth time.
    /// </summary>
    [Range(1, 3600)]
    public int LookSeconds { get; init; } = 60;

    /// <summary>Enrollments of a campaign claimed at once.</summary>
    [Range(1, 5000)]
    public int BatchSize { get; init; } = 1000;

    /// <summary>Batches worked on at once.</summary>
    [Range(1, 500)]
    public int BatchesAtOnce { get; init; } = 16;

    /// <summary>Of which one tenant has at most so many.</summary>
    [Range(1, 500)]
    public int BatchesPerTenant { get; init; } = 4;

    /// <summary>Messages of a mailbox on their way at once.</summary>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 4;

    /// <summary>Seconds after which a host that stopped renewing its claim counts as gone.</summary>
    [Range(3, 600)]
    public int LeaseSeconds { get; init; } = 15;
}
