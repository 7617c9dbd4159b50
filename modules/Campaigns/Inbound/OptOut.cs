using System.Text.RegularExpressions;

namespace PenguinMails.Campaigns.Inbound;

/// <summary>Whether somebody asks for nothing but to be left alone.</summary>
internal static partial class OptOut
{
    private const int LongestRest = 120;

    /// <param name="text">Without what is quoted.</param>
    public static bool IsAsked(string? subject, string text)
    {
        if (Words().IsMatch(subject ?? "") && text.Length <= LongestRest)
        {
            return true;
        }

        // A name or a greeting may stand below it, but no further words.
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return lines.Length is > 0 and <= 5 && Words().IsMatch(lines[0]) && lines.Skip(1).All(line => line.Length <= 40)
            && lines.Skip(1).Sum(line => line.Length) <= LongestRest;
    }

    [GeneratedRegex(
        @"^\W*(please |kindly |pls )?(unsubscribe( me)?|opt[ -]?out|remove( me)?( from (your|this|the) (mailing )?list)?|take me off( (your|this|the) (mailing )?list)?|stop( (e-?mailing|writing( to)?|contacting) me)?|do not (contact|e-?mail|write to) me( again)?|(bitte )?(abmelden|abbestellen|austragen)|(me )?d[ée]s(abonner|inscrire|inscription)|(dar(me)? de )?baja|cancellami|disiscrivi(mi)?|afmelden|uitschrijven)( (please|bitte|svp|thanks|thank you))?\W*$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
