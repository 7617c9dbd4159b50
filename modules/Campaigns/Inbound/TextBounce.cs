using System.Text.RegularExpressions;
using MimeKit;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Bounces that are no delivery report but words: qmail, old Exim, Sendmail and Exchange.</summary>
internal static partial class TextBounce
{
    private const int LongestText = 50_000;

    private static readonly string[] Machines = ["mailer-daemon", "postmaster", "mail-daemon", "mdaemon", "mailerdaemon"];

    /// <returns>Null: it is none.</returns>
    public static MailVerdict? Read(MimeMessage mail, string text)
    {
        text = text.Length > LongestText ? text[..LongestText] : text;
        if (!IsOfMachine(mail) || !Form().IsMatch($"{mail.Subject}\n{text}"))
        {
            return null;
        }

        var own = BeforeCopy(text);
        var action = Delayed().IsMatch(own) ? NoticeAction.Delayed : NoticeAction.Failed;
        var recipients = Recipients(mail, own).Select(address => (Address: address, Said: Around(own, address)))
            .Select(one => new RecipientNotice([one.Address], action, BounceCodes.StatusIn(one.Said), one.Said)).ToList();
        var attached = mail.Body is Multipart parts ? DeliveryReport.References(parts) : [];
        var copied = MessageId().Matches(text[own.Length..]).Select(match => match.Groups[1].Value);
        return new MailVerdict(MailKind.DeliveryNotice, [.. attached.Concat(copied).Concat(DeliveryReport.Ids(mail)).Distinct().Take(20)], recipients);
    }

    private static bool IsOfMachine(MimeMessage mail) =>
        mail.Headers.Contains("X-Failed-Recipients")
        || mail.Headers[HeaderId.ReturnPath]?.Trim() == "<>"
        || mail.From.Mailboxes.Any(from => Machines.Contains(from.Address.Split('@')[0], StringComparer.OrdinalIgnoreCase));

    private static IEnumerable<string> Recipients(MimeMessage mail, string own)
    {
        var named = mail.Headers["X-Failed-Recipients"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return (named ?? [.. Recipient().Matches(own).Select(match => match.Groups[1].Value)])
            .Select(address => address.ToLowerInvariant()).Distinct().Take(20);
    }

    // What the server says of an address stands after it.
    private static string Around(string own, string address)
    {
        var at = Math.Max(0, own.IndexOf(address, StringComparison.OrdinalIgnoreCase));
        return string.Join(' ', own[at..Math.Min(own.Length, at + 500)].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string BeforeCopy(string text) => Copy().Match(text) is { Success: true } copy ? text[..copy.Index] : text;

    [GeneratedRegex(
        @"undeliver(ed|able)|mail delivery (failed|failure|subsystem)|delivery (status notification|has failed|failure|failed)|failure notice|returned mail|could not be delivered|couldn't be delivered|did not reach the following recipient|permanent fatal errors|unzustellbar|non remis|no se ha podido entregar",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Form();

    [GeneratedRegex(@"will (continue|keep) (to try|trying)|warning message only|has not yet been delivered|delivery (is|has been) delayed|do not need to resend",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Delayed();

    [GeneratedRegex(@"^[ \t]*<?([^\s<>@:]{1,64}@[^\s<>@:,;]{1,255}?)>?[ \t]*(?::|$)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Recipient();

    [GeneratedRegex(@"^-{2,}[ -]*(this is a copy|below this line is a copy|original message|returned message|transcript of session follows)|^Received: ",
        RegexOptions.IgnoreCase | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^Message-I[Dd]:\s*<([^>\s]{1,250})>", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex MessageId();
}
