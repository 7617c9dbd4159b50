using System.Buffers.Binary;
using System.Buffers.Text;

namespace PenguinMails.Campaigns.Inbox;

/// <summary>Where a page of threads ended: when its last thread was written in last, and that thread.</summary>
internal sealed record ThreadCursor(DateTimeOffset LastMessage, Guid Id)
{
    private const int Bytes = 24;

    public string Encode()
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteInt64BigEndian(bytes, LastMessage.UtcTicks);
        Id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>Null for what was never the nextCursor of a page of threads.</returns>
    public static ThreadCursor? Decode(string text)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        if (!Base64Url.IsValid(text, out var length) || length != Bytes || !Base64Url.TryDecodeFromChars(text, bytes, out _))
        {
            return null;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(bytes);
        return ticks >= 0 && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new ThreadCursor(new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true))
            : null;
    }
}
