using System.Buffers;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>Collects what follows DATA, in whatever pieces it comes, and takes off the stuffed dots.</summary>
internal sealed class SmtpBody(int maxBytes)
{
    private readonly ArrayBufferWriter<byte> kept = new();
    private bool lineStart = true;
    private byte last;

    public bool TooBig { get; private set; }
    public ReadOnlySequence<byte> Bytes => new(kept.WrittenMemory);

    /// <summary>True once the final dot is in. Only CRLF starts a line: a bare LF before a dot must not end a message (SMTP smuggling).</summary>
    public bool Take(ReadOnlySequence<byte> input, out SequencePosition consumed)
    {
        var reader = new SequenceReader<byte>(input);
        var complete = false;
        while (!complete && reader.TryPeek(out var first))
        {
            if (lineStart && first == '.')
            {
                // At least CRLF follows any such dot, and tells which kind it is.
                if (reader.Remaining < 3)
                {
                    break;
                }

                complete = reader.IsNext(".\r\n"u8, advancePast: true);
                reader.Advance(complete ? 0 : 1);
                lineStart = false;
            }
            else
            {
                reader.Advance(Keep(reader.UnreadSpan));
            }
        }

        consumed = reader.Position;
        return complete;
    }

    private int Keep(ReadOnlySpan<byte> span)
    {
        var newline = span.IndexOf((byte)'\n');
        var count = newline < 0 ? span.Length : newline + 1;
        lineStart = newline >= 0 && (newline > 0 ? span[newline - 1] : last) == '\r';
        last = span[count - 1];

        // Past the maximum, the rest is still read: the client listens only after its final dot.
        TooBig |= kept.WrittenCount + count > maxBytes;
        if (!TooBig)
        {
            kept.Write(span[..count]);
        }

        return count;
    }
}
