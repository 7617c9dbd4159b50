using System.Text.RegularExpressions;

namespace PenguinMails.Campaigns.Inbound;

internal enum BounceClass
{
    /// <summary>The address is no good: it is not written to again.</summary>
    Hard,

    /// <summary>Not this time: full, away, unreachable.</summary>
    Soft,

    /// <summary>The sender or the text was refused, which says nothing of the address.</summary>
    Blocked,
}

/// <summary>
/// What a bounce means, by its enhanced code (RFC 3463 and IANA's registry) and its text. Codes that mean one thing everywhere are
/// taken at their word; of the others the text decides, and then the code's usual meaning.
/// <code>
/// hard     5.1.x but 5.1.7 and 5.1.8 (the sender's address); 5.2.1 disabled; 5.4.1 as Exchange says "no such recipient";
///          5.4.4 and 5.4.310 no such domain; 5.7.13, 5.7.17 and 5.7.18 disabled or someone else's by now (RFC 7293)
/// soft     4.x.x; 5.2.2 full; 5.2.0, 5.2.4, 5.3.x, 5.4.x, 5.5.x otherwise; what says nothing
/// blocked  5.7.x: policy, spam, authentication; 5.6.x and 5.2.3, 5.3.4: the text, or its size; 5.1.7 and 5.1.8
/// by reply 550, 551, 553, 521 and 556 (RFC 7504): hard; 552: soft; 554: blocked; where there is no enhanced code
/// </code>
/// </summary>
internal static partial class BounceCodes
{
    public static BounceClass ClassOf(string? status, string text) => status switch
    {
        ['4', ..] => BounceClass.Soft,
        "5.1.7" or "5.1.8" => BounceClass.Blocked,
        "5.1.1" or "5.1.2" or "5.1.3" or "5.1.6" or "5.1.10" or "5.2.1" or "5.4.1" or "5.4.4" or "5.4.310" => BounceClass.Hard,
        "5.7.13" or "5.7.17" or "5.7.18" => BounceClass.Hard,
        "5.2.2" => BounceClass.Soft,
        "5.2.3" or "5.3.4" => BounceClass.Blocked,
        _ => ByText(text) ?? ByCode(status) ?? ByReply(text) ?? BounceClass.Soft,
    };

    /// <summary>The enhanced code that a text holds, of class 4 or 5.</summary>
    public static string? StatusIn(string text) => Enhanced().Match(text) is { Success: true } match ? match.Value : null;

    /// <summary>The better of two: one that ends in 0.0 says nothing.</summary>
    public static string? Better(string? status, string? inText) =>
        status is null || (status.EndsWith(".0.0", StringComparison.Ordinal) && inText is not null) ? inText ?? status : status;

    private static BounceClass? ByText(string text) =>
        UnknownUser().IsMatch(text) ? BounceClass.Hard
        : Full().IsMatch(text) ? BounceClass.Soft
        : Refused().IsMatch(text) ? BounceClass.Blocked
        : null;

    private static BounceClass? ByCode(string? status) => status switch
    {
        null or "5.0.0" => null,
        ['5', '.', '1', '.', ..] => BounceClass.Hard,
        ['5', '.', '6', '.', ..] or ['5', '.', '7', '.', ..] => BounceClass.Blocked,
        _ => BounceClass.Soft,
    };

    private static BounceClass? ByReply(string text) => Reply().Match(text).Value switch
    {
        "550" or "551" or "553" or "521" or "556" => BounceClass.Hard,
        "554" => BounceClass.Blocked,
        "" => null,
        _ => BounceClass.Soft,
    };

    [GeneratedRegex(@"(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)", RegexOptions.CultureInvariant)]
    private static partial Regex Enhanced();

    [GeneratedRegex(@"(?<![\d.])[45]\d\d(?=[ -])", RegexOptions.CultureInvariant)]
    private static partial Regex Reply();

    [GeneratedRegex(
        @"user unknown|unknown user|no such (user|recipient|mailbox|person|address)|(user|recipient|mailbox|address|account)[^.\n]{0,60}( not found|does(n't| not) exist|is unknown)|not a known user|no mailbox here|mailbox unavailable|invalid (recipient|mailbox|address)|unknown (recipient|address|local.part)|unrout(e)?able address|account (has been |is )?(disabled|deactivated|inactive)|mailbox (is )?(disabled|inactive)|recipientnotfound|recipnotfound|couldn't be found|wasn't found|domain (name )?not found|no longer (works|employed|available)|adressee unknown|addressee unknown",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UnknownUser();

    [GeneratedRegex(
        @"(mailbox|inbox|quota|storage)[^.\n]{0,40}(full|exceeded|out of)|over (its |the )?(disk )?quota|quota exceeded|out of storage|insufficient (system )?storage|greylist|try again later",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Full();

    [GeneratedRegex(
        @"spam|blocked|block ?list|blacklist|denylist|dnsbl|rbl\b|spamhaus|reputation|unsolicited|policy|content rejected|virus|phish|not allowed|access denied|\bspf\b|\bdkim\b|\bdmarc\b|authentication|rate limit|too many|banned|listed at",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Refused();
}
