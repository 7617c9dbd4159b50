using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CsvHelper;

namespace PenguinMails.Campaigns.Leads;

/// <summary>A CSV file as it arrives. Its first bytes tell encoding and quote; the reader finds the separator and a byte order mark.</summary>
internal sealed class LeadFile : IAsyncDisposable
{
    public const int HeadBytes = 64 * 1024;

    private static readonly Encoding Windows1252 = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    private readonly PipeReader _bytes;

    private LeadFile(PipeReader bytes, ReadOnlySpan<byte> head)
    {
        _bytes = bytes;
        Encoding = EncodingOf(head);
        Csv = CsvReader.Create(bytes.AsStream(), new CsvReaderOptions
        {
            HasHeader = false,
            TrackLineNumbers = true,
            MaxRecordSize = 1024 * 1024,
            Encoding = Encoding,
            Quote = QuoteOf(Encoding.GetString(head)),
            OnMalformedRecord = RefuseUnclosedQuote,
        });
    }

    public Encoding Encoding { get; }

    public CsvReader Csv { get; }

    /// <summary>Reads the file's head.</summary>
    public static async Task<LeadFile> OpenAsync(Stream stream, CancellationToken ct)
    {
        var bytes = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: HeadBytes, leaveOpen: true));
        var head = (await bytes.ReadAtLeastAsync(HeadBytes, ct)).Buffer;
        var file = new LeadFile(bytes, head.Slice(0, Math.Min(head.Length, HeadBytes)).ToArray());
        bytes.AdvanceTo(head.Start);
        return file;
    }

    /// <summary>The cells of the record that the reader is at.</summary>
    public string[] Cells()
    {
        var cells = new string[Csv.FieldCount];
        for (var index = 0; index < cells.Length; index++)
        {
            cells[index] = Csv.GetString(index);
        }

        return cells;
    }

    public async ValueTask DisposeAsync()
    {
        await Csv.DisposeAsync();
        await _bytes.CompleteAsync();
    }

    /// <summary>A byte order mark decides; else where zeros are, what is UTF-8; what is nothing else is Windows-1252.</summary>
    internal static Encoding EncodingOf(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith(Encoding.UTF8.Preamble))
        {
            return Encoding.UTF8;
        }

        var (evenZeros, oddZeros) = (0, 0);
        for (var index = 0; index + 1 < head.Length; index += 2)
        {
            evenZeros += head[index] == 0 ? 1 : 0;
            oddZeros += head[index + 1] == 0 ? 1 : 0;
        }

        // Of a Latin script's letters nearly each second byte is zero; of others still those of separators and addresses.
        var many = head.Length / 10;
        return head.StartsWith(Encoding.Unicode.Preamble) || (oddZeros > many && evenZeros < many / 10 + 1) ? Encoding.Unicode
            : head.StartsWith(Encoding.BigEndianUnicode.Preamble) || (evenZeros > many && oddZeros < many / 10 + 1) ? Encoding.BigEndianUnicode
            : IsUtf8(head) ? Encoding.UTF8
            : Windows1252;
    }

    // A file with more sound characters than broken ones is damaged UTF-8: its broken lines are refused one by one.
    private static bool IsUtf8(ReadOnlySpan<byte> head)
    {
        var (sound, broken) = (0, 0);
        while (!head.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(head, out var rune, out var length) is OperationStatus.InvalidData)
            {
                broken++;
            }
            else if (!rune.IsAscii)
            {
                sound++;
            }

            head = head[length..];
        }

        return broken == 0 || sound > broken;
    }

    private static char QuoteOf(string head)
    {
        var line = head.TrimStart('\uFEFF').Split('\n', 2)[0].Trim();
        return line.Length > 2 && line[0] == '\'' && line[^1] == '\'' && !line.Contains('"') ? '\'' : '"';
    }

    // The reader mends what it can; this would make the rest of the file one cell.
    private static void RefuseUnclosedQuote(CsvMalformedRecord record)
    {
        if (record.Reason == CsvMalformedReason.UnterminatedQuote)
        {
            throw new InvalidDataException($"Line {record.LineNumber}: a quote is opened and never closed.");
        }
    }
}
