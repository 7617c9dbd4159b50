using MimeKit.Text;

namespace PenguinMails.Campaigns.Templates;

/// <summary>HTML parsers, ours and the recipients', take ever longer for elements in elements in elements.</summary>
internal static class HtmlDepth
{
    private const int Deepest = 200;

    // These may lack their end: the next one ends them.
    private static readonly HashSet<HtmlTagId> EndOptional =
    [
        HtmlTagId.P, HtmlTagId.LI, HtmlTagId.TD, HtmlTagId.TR, HtmlTagId.TH, HtmlTagId.DT, HtmlTagId.DD, HtmlTagId.TBody, HtmlTagId.Option,
    ];

    /// <summary>What is wrong with it; null for nothing.</summary>
    public static string? Refuse(string html)
    {
        var depth = 0;
        var open = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var tokenizer = new HtmlTokenizer(new StringReader(html));
        while (tokenizer.ReadNextToken(out var token))
        {
            depth += token switch
            {
                HtmlTagToken tag when !tag.Id.IsEmptyElement() && !EndOptional.Contains(tag.Id) => StepOf(tag, open),
                // There, parsers find elements in what is only text elsewhere.
                HtmlDataToken data when open.GetValueOrDefault("svg") > 0 || open.GetValueOrDefault("math") > 0 => data.Data.Count(letter => letter == '<'),
                _ => 0,
            };

            if (depth > Deepest)
            {
                return $"Elements are nested deeper than {Deepest}.";
            }
        }

        return null;
    }

    // An end of what is not open ends nothing, and one of what is ends no more than that: parsers keep the rest open as often as not.
    private static int StepOf(HtmlTagToken tag, Dictionary<string, int> open)
    {
        var count = open.GetValueOrDefault(tag.Name);
        var step = !tag.IsEndTag ? 1 : count > 0 ? -1 : 0;
        open[tag.Name] = count + step;
        return step;
    }
}
