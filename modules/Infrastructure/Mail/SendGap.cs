using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>The time between two sends of a mailbox: the least that is asked for, and up to a quarter more, so that no rhythm shows.</summary>
internal static class SendGap
{
    private const double MostMore = 0.25;

    /// <summary>When the mailbox may send again: whoever asks is told the same.</summary>
    /// <param name="seconds">The least, 0 for none.</param>
    public static DateTimeOffset End(Guid mailboxId, DateTimeOffset lastSent, int seconds)
    {
        Span<byte> bytes = stackalloc byte[24];
        mailboxId.TryWriteBytes(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[16..], lastSent.UtcTicks);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        var more = BinaryPrimitives.ReadUInt32LittleEndian(hash) / (double)uint.MaxValue * MostMore;
        return lastSent.AddSeconds(seconds * (1 + more));
    }
}
