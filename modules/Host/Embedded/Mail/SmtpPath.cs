using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>The argument of MAIL or RCPT: an address between angle brackets, then parameters.</summary>
internal sealed partial record SmtpPath(string Address, string[] Parameters)
{
    public bool Utf8 => Parameters.Contains("SMTPUTF8", StringComparer.OrdinalIgnoreCase);

    public static SmtpPath? ParseSender(string argument)
    {
        var path = Parse(argument, "FROM:");
        return path is { Address: "" } || IsMailbox(path?.Address) ? path : null;
    }

    public static SmtpPath? ParseRecipient(string argument)
    {
        var path = Parse(argument, "TO:");
        return IsMailbox(path?.Address) || "postmaster".Equals(path?.Address, StringComparison.OrdinalIgnoreCase) ? path : null;
    }

    /// <summary>Null when every parameter of MAIL is one that EHLO offers, and the address may be written as it is.</summary>
    public SmtpReply? RefuseSender(int maxBytes)
    {
        foreach (var parameter in Parameters)
        {
            var refusal = parameter.ToUpperInvariant().Split('=', 2) switch
            {
                ["SIZE", var size] when !ulong.TryParse(size, NumberStyles.None, null, out _) => SmtpReply.Syntax("SIZE=<bytes>"),
                ["SIZE", var size] => ulong.Parse(size, NumberStyles.None, null) > (ulong)maxBytes ? SmtpReply.TooBig : null,
                ["BODY", "7BIT" or "8BITMIME"] or ["SMTPUTF8"] or ["AUTH", _] => null,
                ["BODY", ..] => SmtpReply.Syntax("BODY=7BIT or BODY=8BITMIME"),
                _ => SmtpReply.UnknownParameter,
            };
            if (refusal is not null)
            {
                return refusal;
            }
        }

        return Refuse(Utf8);
    }

    public SmtpReply? RefuseRecipient(bool utf8) => Parameters.Length > 0 ? SmtpReply.UnknownParameter : Refuse(utf8);

    private SmtpReply? Refuse(bool utf8) => utf8 || Ascii.IsValid(Address) ? null : SmtpReply.NeedsUtf8;

    private static SmtpPath? Parse(string argument, string keyword)
    {
        var match = argument.StartsWith(keyword, StringComparison.OrdinalIgnoreCase) ? Pattern().Match(argument[keyword.Length..]) : Match.Empty;
        return match.Success ? new SmtpPath(match.Groups[1].Value, match.Groups[2].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : null;
    }

    private static bool IsMailbox(string? address) =>
        address is not null && address.LastIndexOf('@') is var at && at > 0 && at < address.Length - 1;

    // A quoted local part may hold spaces and angle brackets.
    [GeneratedRegex("""^ *<((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>((?: +[^ ]+)*) *\z""")]
    private static partial Regex Pattern();
}
