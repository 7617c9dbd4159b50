using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Infrastructure.Inbound;

/// <summary>Section <c>Inbound</c>: how this host reads the inboxes of mailboxes.</summary>
internal sealed record InboundOptions
{
    /// <summary>False: this host reads none; others may.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How often an inbox is looked at that nobody listens to; half as much again at most, so that not all come at once.</summary>
    [Range(1, 86_400)]
    public int PollSeconds { get; init; } = 60;

    /// <summary>How often this host looks for mailboxes that are due.</summary>
    [Range(10, 60_000)]
    public int ScanMilliseconds { get; init; } = 1000;

    /// <summary>Inboxes that are read at the same time; those that are only listened to do not count.</summary>
    [Range(1, 1000)]
    public int ReadsAtOnce { get; init; } = 20;

    /// <summary>Connections held open to be told of new mail (RFC 2177), where the server can.</summary>
    [Range(0, 10_000)]
    public int IdleConnections { get; init; } = 50;

    /// <summary>After which a new IDLE is begun. Servers may hang up after 30 minutes (RFC 2177), and some do after ten.</summary>
    [Range(1, 28)]
    public int IdleMinutes { get; init; } = 9;

    /// <summary>Other hosts take over what a host has not held on to for so long.</summary>
    [Range(3, 3600)]
    public int LeaseSeconds { get; init; } = 60;

    /// <summary>Of a message that is larger only the first <see cref="PartKilobytes"/> are fetched.</summary>
    [Range(1, 100)]
    public int MaxMessageMegabytes { get; init; } = 25;

    /// <inheritdoc cref="MaxMessageMegabytes"/>
    [Range(16, 10_240)]
    public int PartKilobytes { get; init; } = 256;

    /// <summary>The tenant is told of a mailbox that cannot be read after so many attempts.</summary>
    [Range(1, 100)]
    public int FailuresUntilNotice { get; init; } = 10;

    /// <summary>A message that could not be taken so often, some half a day by default, is passed by, and its tenant told.</summary>
    [Range(1, 100)]
    public int FailuresUntilPassedBy { get; init; } = 15;

    public TimeSpan Lease => TimeSpan.FromSeconds(LeaseSeconds);

    public TimeSpan NextPoll => TimeSpan.FromSeconds(PollSeconds * (1 + Random.Shared.NextDouble() / 2));

    /// <summary>Doubled each time, up to an hour.</summary>
    public TimeSpan PauseAfter(int failures) =>
        TimeSpan.FromSeconds(Math.Min(3600, PollSeconds * Math.Pow(2, Math.Min(failures - 1, 20))) * (1 + Random.Shared.NextDouble() / 10));
}
