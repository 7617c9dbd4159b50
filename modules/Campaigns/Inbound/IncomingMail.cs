using System.Runtime.InteropServices;
using MimeKit;
using PenguinMails.Campaigns.Leads;
using PenguinMails.Infrastructure.Contracts;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>A message that came in, read and understood.</summary>
internal sealed record IncomingMail(MailReceived Received, MailVerdict Verdict)
{
    private const int LongestField = 1000;

    /// <summary>Without its angle brackets; null where there is none.</summary>
    public string? MessageId { get; private init; }
    public string? InReplyTo { get; private init; }

    /// <summary>In lower case; empty where nobody is named.</summary>
    public string From { get; private init; } = "";
    public string? FromName { get; private init; }
    public string? To { get; private init; }
    public string? Subject { get; private init; }

    /// <summary>Without what is quoted.</summary>
    public string Text { get; private init; } = "";

    /// <summary>What it answers or is about, as far as it can be looked up.</summary>
    public List<string> About { get; } = [.. Verdict.About.Where(id => id.Length < LongestField && !id.Contains('\0'))];

    /// <summary>The mailbox's own copy of what it sent.</summary>
    public bool IsOwn => From.Equals(Received.EmailAddress, StringComparison.OrdinalIgnoreCase);

    public static IncomingMail Read(MailReceived received)
    {
        using var stream = MemoryMarshal.TryGetArray(received.Raw, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(received.Raw.ToArray());
        try
        {
            using var mime = MimeMessage.Load(stream, persistent: true);
            return Read(received, mime);
        }
        catch (FormatException)
        {
            // Not a message at all: kept as it is, and not in the way of the next.
            return new IncomingMail(received, MailVerdict.Of(MailKind.Other, []));
        }
    }

    private static IncomingMail Read(MailReceived received, MimeMessage mime)
    {
        var whole = ReplyText.Whole(mime);
        var from = mime.From.Mailboxes.FirstOrDefault();
        return new IncomingMail(received, MailClassifier.Classify(mime, whole))
        {
            MessageId = Field(mime.MessageId),
            InReplyTo = Field(mime.InReplyTo),
            From = Field(from is null ? null : EmailAddress.Normalise(from.Address) ?? from.Address.ToLowerInvariant()) ?? "",
            FromName = Field(from?.Name),
            To = Field(mime.To.Mailboxes.FirstOrDefault()?.Address),
            Subject = Field(mime.Subject),
            Text = ReplyText.WithoutQuote(whole),
        };
    }

    private static string? Field(string? text) => string.IsNullOrEmpty(text) ? null : ReplyText.Storable(text, LongestField);
}
