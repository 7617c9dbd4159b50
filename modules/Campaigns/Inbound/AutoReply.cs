using System.Text.RegularExpressions;
using MimeKit;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Tells answers of programs from those of people.</summary>
internal static partial class AutoReply
{
    private static readonly string[] Marks = ["X-Autoreply", "X-Autorespond", "X-Autoreply-From", "X-Mail-Autoreply", "X-Autoresponder"];

    /// <summary>Whether it answers by itself (RFC 3834), or says so in its subject.</summary>
    public static bool IsOne(MimeMessage mail) =>
        IsAutomatic(mail.Headers[HeaderId.AutoSubmitted])
        || Marks.Any(mail.Headers.Contains)
        || Precedence(mail) is "auto_reply"
        || (Precedence(mail) is "bulk" or "junk" && !string.IsNullOrEmpty(mail.InReplyTo))
        || Subject().IsMatch(mail.Subject ?? "");

    /// <summary>To many at once: newsletters and lists.</summary>
    public static bool IsToMany(MimeMessage mail) =>
        Precedence(mail) is "bulk" or "junk" or "list"
        || mail.Headers.Contains(HeaderId.ListId)
        || mail.Headers.Contains(HeaderId.ListUnsubscribe);

    private static bool IsAutomatic(string? submitted) =>
        submitted is not null && !submitted.Split(';', '(')[0].Trim().Equals("no", StringComparison.OrdinalIgnoreCase);

    private static string? Precedence(MimeMessage mail) => mail.Headers[HeaderId.Precedence]?.Trim().ToLowerInvariant();

    // At its beginning only: "Re: Out of office" is a person's.
    [GeneratedRegex(
        @"^\s*(\[?(auto(matic|mated)?[ -]?(reply|response)|autoreply)|out[ -]of[ -](the[ -])?office|on (vacation|annual leave|holiday)|automatische (antwort|abwesenheit)|abwesenheits(notiz|meldung|assistent)|abwesend|nicht im (büro|haus)|réponse automatique|absence du bureau|absent(e)? du bureau|respuesta autom[áa]tica|fuera de (la )?oficina|ausente|risposta automatica|fuori (sede|ufficio)|automatisch antwoord|afwezig|resposta autom[áa]tica|aus[êe]ncia|fora do escrit[óo]rio|autosvar|fravær|frånvaro|automaattinen vastaus|poissa|autodpowied[źz]|automatyczna odpowied[źz]|nieobecno|automatická odpověď|автоответ|автоматический ответ|自動応答|自動返信|自动回复|자동 ?회신)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Subject();
}
