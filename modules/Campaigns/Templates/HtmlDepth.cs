using MimeKit.Text;

namespace PenguinMails.Campaigns.Templates;

/// <summary>HTML parsers, ours and the recipients', take ever longer for elements in elements in elements.</summary>
internal sealed class HtmlDepth
{
    private const int Deepest = 200;

    private readonly Dictionary<string, int> _open = new(StringComparer.OrdinalIgnoreCase);
    private int _depth;

    // These may lack their end: the next one ends them.
    private static readonly HashSet<HtmlTagId> EndOptional =
    [
        HtmlTagId.P, HtmlTagId.LI, HtmlTagId.TD, HtmlTagId.TR, HtmlTagId.TH, HtmlTagId.DT, HtmlTagId.DD, HtmlTagId.TBody, HtmlTagId.Option,
    ];

    /// <summary>What is wrong with it; null for nothing.</summary>
    public static string? Refuse(string html)
    {
        var depth = new HtmlDepth();
        var tokenizer = new HtmlTokenizer(new StringReader(html));
        while (tokenizer.ReadNextToken(out var token))
        {
            if (depth.Refuse(token) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>What is wrong with it, as far as it was read; null for nothing.</summary>
    public string? Refuse(HtmlToken next)
    {
        _depth += next switch
        {
            HtmlTagToken tag when !tag.Id.IsEmptyElement() && !EndOptional.Contains(tag.Id) => StepOf(tag),
            // There, parsers find elements in what is only text elsewhere.
            HtmlDataToken data when _open.GetValueOrDefault("svg") > 0 || _open.GetValueOrDefault("math") > 0 => data.Data.Count(letter => letter == '<'),
            _ => 0,
        };
        return _depth > Deepest ? $"Elements are nested deeper than {Deepest}." : null;
    }

    // An end of what is not open ends nothing, and one of what is ends no more than that: parsers keep the rest open as often as not.
    private int StepOf(HtmlTagToken tag)
    {
        var count = _open.GetValueOrDefault(tag.Name);
        var step = !tag.IsEndTag ? 1 : count > 0 ? -1 : 0;
        _open[tag.Name] = count + step;
        return step;
    }
}
