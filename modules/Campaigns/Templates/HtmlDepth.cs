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
        var tokenizer = new HtmlTokenizer(new StringReader(html));
        while (tokenizer.ReadNextToken(out var token))
        {
            if (token is HtmlTagToken tag && !tag.Id.IsEmptyElement() && !EndOptional.Contains(tag.Id))
            {
                depth = Math.Max(0, depth + (tag.IsEndTag ? -1 : 1));
            }

            if (depth > Deepest)
            {
                return $"Elements are nested deeper than {Deepest}.";
            }
        }

        return null;
    }
}
