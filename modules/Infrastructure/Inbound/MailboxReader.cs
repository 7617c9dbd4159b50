namespace PenguinMails.Infrastructure.Inbound;

/// <summary>How far a mailbox's inbox has been read (table <c>mailbox_readers</c>). Written by SQL alone, by whoever holds the lease.</summary>
internal sealed class MailboxReader
{
    public required Guid EmailAccountId { get; init; }
    public required Guid TenantId { get; init; }

    /// <summary>The server and account that uids are of.</summary>
    public string? Source { get; init; }

    /// <summary>Of the inbox that <see cref="LastUid"/> is of; null: not looked at yet.</summary>
    public long? UidValidity { get; init; }

    /// <summary>All up to this one are dealt with.</summary>
    public long LastUid { get; init; }
    public DateTimeOffset NextRead { get; init; }
    public Guid? LeaseOwner { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }
    public DateTimeOffset? LastRead { get; init; }

    /// <summary>In a row.</summary>
    public int Failures { get; init; }

    /// <summary>How often in a row the message after <see cref="LastUid"/> could not be taken, which was nobody else's fault.</summary>
    public int Stuck { get; init; }

    /// <summary>Why it could not be read the last time, for people.</summary>
    public string? Error { get; init; }

    public static string SourceOf(ImapSettings server) => $"{server.Username}@{server.Host}:{server.Port}";
}
