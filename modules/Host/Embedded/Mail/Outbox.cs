using System.Buffers;
using System.Globalization;
using System.Text;
using MimeKit;
using MimeKit.IO;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>A line of the list; From and To are as the message shows them, which need not be its envelope.</summary>
internal sealed record OutboxEntry(string Id, DateTimeOffset At, string From, string To, string Subject);

/// <summary>Newest first; Next is the cursor of the following page, null on the last.</summary>
internal sealed record OutboxList(IReadOnlyList<OutboxEntry> Entries, string? Next);

/// <summary>A folder of .eml files whose names sort by time. The files are all there is: deleting one deletes the mail.</summary>
internal sealed class Outbox
{
    // A list never reads further into a message than this, however long its headers are.
    private const int MaxHeaderBytes = 64 * 1024;

    private readonly string folder;
    private readonly OutboxIds ids;

    public Outbox(string folder, TimeProvider clock)
    {
        (this.folder, ids) = (Path.GetFullPath(folder), new OutboxIds(clock));
        Directory.CreateDirectory(this.folder);
        foreach (var leftover in Directory.EnumerateFiles(this.folder, "*.tmp"))
        {
            File.Delete(leftover);
        }
    }

    public string Folder => folder;

    /// <summary>For <see cref="MailSinkOptions.OnMessage"/>.</summary>
    public async ValueTask<SmtpReply> AcceptAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken ct) =>
        new(250, $"2.0.0 Ok: queued as {await StoreAsync(envelope, message, ct)}");

    public async Task<string> StoreAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken ct)
    {
        var id = ids.Next();
        var unfinished = Path.Combine(folder, $"{id}.tmp");
        // Someone may have emptied the outbox by removing its folder.
        Directory.CreateDirectory(folder);
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous))
            {
                await file.WriteAsync(Trace(envelope), ct);
                foreach (var piece in message)
                {
                    await file.WriteAsync(piece, ct);
                }
            }

            File.Move(unfinished, PathOf(id));
            return id;
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    /// <summary>Lists mail older than the cursor (an id; null starts at the newest). Reads names only, and the headers of one page.</summary>
    public async Task<OutboxList> ListAsync(string? before, int limit, CancellationToken ct)
    {
        Directory.CreateDirectory(folder);
        var names = Directory.EnumerateFiles(folder, "*.eml").Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(id => OutboxIds.IsId(id) && (before is null || string.CompareOrdinal(id, before) < 0))
            .OrderDescending(StringComparer.Ordinal).Take(limit + 1).ToList();
        var entries = new List<OutboxEntry>();
        foreach (var id in names.Take(limit))
        {
            if (await ReadEntryAsync(id, ct) is { } entry)
            {
                entries.Add(entry);
            }
        }

        return new OutboxList(entries, names.Count > limit ? names[limit - 1] : null);
    }

    /// <summary>The stored bytes; null for an unknown id, and for anything that is not an id.</summary>
    public FileStream? Open(string id)
    {
        try
        {
            return OutboxIds.IsId(id)
                ? new FileStream(PathOf(id), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4096, FileOptions.Asynchronous)
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private async Task<OutboxEntry?> ReadEntryAsync(string id, CancellationToken ct)
    {
        await using var file = Open(id);
        if (file is null)
        {
            return null;
        }

        var headers = await ReadHeadersAsync(file, ct);
        string Shown(string name, string envelope) => headers[name] is { Length: > 0 } value ? value : headers[envelope] ?? "";
        return new OutboxEntry(id, OutboxIds.TimeOf(id), Shown("From", "Return-Path"), Shown("To", "Delivered-To"), headers["Subject"] ?? "");
    }

    private static async Task<HeaderList> ReadHeadersAsync(FileStream file, CancellationToken ct)
    {
        try
        {
            return await HeaderList.LoadAsync(new BoundStream(file, 0, Math.Min(file.Length, MaxHeaderBytes), leaveOpen: true), ct);
        }
        catch (FormatException)
        {
            // SMTP takes any bytes: one message without headers must not hide the others.
            return [];
        }
    }

    /// <summary>The envelope, written where a delivering server writes it (RFC 5321, section 4.4).</summary>
    private static byte[] Trace(SmtpEnvelope envelope)
    {
        var lines = new StringBuilder($"Return-Path: <{envelope.From}>\r\n");
        foreach (var recipient in envelope.To)
        {
            lines.Append(CultureInfo.InvariantCulture, $"Delivered-To: {recipient}\r\n");
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private string PathOf(string id) => Path.Combine(folder, $"{id}.eml");
}
