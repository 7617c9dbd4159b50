using System.IO.Compression;

namespace PenguinMails.Campaigns;

/// <summary>A message as it left (table <c>content.email_content</c>).</summary>
internal sealed class EmailContent
{
    /// <summary>The row of <c>content.email_messages</c>.</summary>
    public required Guid MessageId { get; init; }
    public required Guid TenantId { get; init; }

    /// <summary>As the message's.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The message, by Brotli.</summary>
    public required byte[] Body { get; init; }

    /// <summary>Bytes before it was compressed.</summary>
    public required int Size { get; init; }

    /// <summary>How bodies are kept: quickly packed, since each message is.</summary>
    public static byte[] Pack(ReadOnlySpan<byte> body)
    {
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(body.Length)];
        return BrotliEncoder.TryCompress(body, packed, out var length, quality: 1, window: 18)
            ? packed[..length]
            : throw new InvalidOperationException("The space reckoned for it was too small.");
    }

    /// <summary>What was packed, as it was.</summary>
    /// <param name="size">Bytes before it was compressed.</param>
    public static byte[] Unpack(ReadOnlySpan<byte> packed, int size)
    {
        var body = new byte[size];
        return BrotliDecoder.TryDecompress(packed, body, out var length) && length == size
            ? body
            : throw new InvalidDataException("It is not what was packed.");
    }
}
