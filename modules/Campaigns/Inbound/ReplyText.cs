using System.Text.RegularExpressions;
using MimeKit;
using PenguinMails.Campaigns.Templates;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>What a message's author wrote, without what is quoted below.</summary>
internal static partial class ReplyText
{
    private const int Longest = 100_000;

    /// <summary>All of its text; HTML as plain text where there is nothing else.</summary>
    public static string Whole(MimeMessage mail)
    {
        var text = mail.TextBody is { } plain && !string.IsNullOrWhiteSpace(plain) ? plain : mail.HtmlBody is { } html ? PlainText.Of(html) : "";
        return Storable(text.Replace("\r\n", "\n", StringComparison.Ordinal), Longest);
    }

    public static string WithoutQuote(string text)
    {
        var head = Quote().Match(text) is { Success: true } quote ? text[..quote.Index] : text;
        var lines = head.Split('\n').TakeWhile(line => line.TrimEnd('\r') is not ("-- " or "--"));
        return string.Join('\n', lines.Where(line => !line.StartsWith('>')).Select(line => line.TrimEnd())).Trim();
    }

    /// <summary>As the database can keep it: no half characters, no U+0000.</summary>
    public static string Storable(string text, int longest)
    {
        var cut = text.Length > longest ? text[..longest] : text;
        return LiquidTemplates.WellFormed(cut).Replace("\0", "", StringComparison.Ordinal);
    }

    // "On ... wrote:" and its like may be folded once or twice. Headers of the quoted message are Outlook's way.
    [GeneratedRegex(
        @"^[ \t>]*(On\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}?\bwrote:|Am\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}?\bschrieb\b[^\n]{0,200}:|Le\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}?\ba écrit\s?:|El\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}?\bescribió:|Il\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}?\bha scritto:|Op\b[^\n]{0,200}(\n[^\n]{0,200}){0,2}?\bschreef\b[^\n]{0,200}:)[ \t]*$"
        + @"|^[ \t]*-{2,}[ \t]*(Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Messaggio originale|Forwarded message)[ \t]*-{2,}"
        + @"|^[ \t]*_{20,}[ \t]*$"
        + @"|^[ \t]*\*?(From|Von|De|Da|Van)[ ]?:\*?[^\n]{1,300}\n[ \t]*\*?(Sent|Date|Gesendet|Datum|Envoyé|Date|Enviado|Fecha|Inviato|Data|Verzonden)[ ]?:",
        RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Quote();
}
