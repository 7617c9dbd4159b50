using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>Lines and bodies in, replies out. Replies to pipelined commands leave together, once there is nothing left to read.</summary>
internal sealed class SmtpWire(Stream stream)
{
    // RFC 4954, section 4: the longest line a server has to take, that of AUTH.
    private const int MaxLine = 12_288;

    private readonly PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, leaveOpen: true));
    private readonly PipeWriter writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>Null when there is no further line: the client left, or wrote one too long.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken ct)
    {
        while (true)
        {
            var read = await ReadAsync(ct);
            var end = read.Buffer.PositionOf((byte)'\n');
            if ((end is null ? read.Buffer : read.Buffer.Slice(0, end.Value)).Length > MaxLine)
            {
                Write(SmtpReply.LineTooLong);
                return null;
            }

            if (end is not null)
            {
                var line = Encoding.UTF8.GetString(read.Buffer.Slice(0, end.Value));
                reader.AdvanceTo(read.Buffer.GetPosition(1, end.Value));
                return line.EndsWith('\r') ? line[..^1] : line;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted)
            {
                return null;
            }
        }
    }

    /// <summary>False when the client left before the final dot.</summary>
    public async ValueTask<bool> ReadBodyAsync(SmtpBody body, CancellationToken ct)
    {
        while (true)
        {
            var read = await ReadAsync(ct);
            var complete = body.Take(read.Buffer, out var consumed);
            reader.AdvanceTo(consumed, complete ? consumed : read.Buffer.End);
            if (complete || read.IsCompleted)
            {
                return complete;
            }
        }
    }

    /// <summary>Waits until the client has sent something more, and leaves it unread.</summary>
    public async ValueTask AwaitInputAsync(CancellationToken ct) => reader.AdvanceTo((await ReadAsync(ct)).Buffer.Start);

    public void Write(SmtpReply reply)
    {
        var lines = reply.Text.Split('\n');
        for (var i = 0; i < lines.Length && reply.Code != 0; i++)
        {
            Encoding.UTF8.GetBytes($"{reply.Code}{(i < lines.Length - 1 ? '-' : ' ')}{lines[i]}\r\n", writer);
        }
    }

    public async ValueTask FlushAsync(CancellationToken ct) => await writer.FlushAsync(ct);

    private async ValueTask<ReadResult> ReadAsync(CancellationToken ct)
    {
        if (reader.TryRead(out var buffered))
        {
            return buffered;
        }

        await writer.FlushAsync(ct);
        return await reader.ReadAsync(ct);
    }
}
