using System.Text;
using MimeKit.Text;

namespace PenguinMails.Campaigns.Templates;

/// <summary>The text part of a message that has only HTML: blocks are lines, links show where they lead, what is hidden is left out.</summary>
internal sealed class PlainText
{
    private readonly StringBuilder _text = new();
    private readonly Stack<int> _numbers = [];
    private string? _link;
    private int _linkStart;
    private int _breaks;
    private bool _space;

    // The element that is left out with all that is in it, and how many of its kind are open in it.
    private string? _left;
    private int _leftDepth;

    public static string Of(string html) => Of(html, null);

    /// <exception cref="TemplateFaultException">Its elements are nested too deep.</exception>
    public static string OfChecked(string html) => Of(html, new HtmlDepth());

    private static string Of(string html, HtmlDepth? depth)
    {
        var text = new PlainText();
        var tokenizer = new HtmlTokenizer(new StringReader(html)) { IgnoreTruncatedTags = true };
        while (tokenizer.ReadNextToken(out var token))
        {
            if (depth?.Refuse(token) is { } refusal)
            {
                throw new TemplateFaultException(refusal);
            }

            switch (token)
            {
                case HtmlTagToken tag when text._left is null:
                    text.Read(tag);
                    break;
                case HtmlTagToken tag:
                    text.Leave(tag);
                    break;
                case HtmlDataToken data and not HtmlScriptDataToken when text._left is null:
                    text.Write(data.Data);
                    break;
            }
        }

        return text._text.ToString().TrimEnd() + "\n";
    }

    private void Read(HtmlTagToken tag)
    {
        if (!tag.IsEndTag && !tag.Id.IsEmptyElement() && IsLeftOut(tag))
        {
            (_left, _leftDepth) = (tag.Name, 1);
            return;
        }

        switch (tag.Id)
        {
            case HtmlTagId.A:
                EndLink();
                _link = tag.IsEndTag ? null : ValueOf(tag, HtmlAttributeId.Href);
                _linkStart = _text.Length;
                break;
            case HtmlTagId.Br:
                _breaks = Math.Min(_breaks + 1, 2);
                break;
            case HtmlTagId.HR:
                Break(1);
                Write("---", asItIs: true);
                Break(1);
                break;
            case HtmlTagId.Image when ValueOf(tag, HtmlAttributeId.Alt) is { Length: > 0 } alternative:
                Write(alternative);
                break;
            case HtmlTagId.UL or HtmlTagId.OL:
                ReadList(tag);
                break;
            case HtmlTagId.LI when !tag.IsEndTag:
                Break(1);
                Write(Bullet(), asItIs: true);
                break;
            case HtmlTagId.TD or HtmlTagId.TH when !tag.IsEndTag && _breaks == 0 && _text.Length > 0:
                Write(" | ", asItIs: true);
                break;
            case HtmlTagId.P or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.H4 or HtmlTagId.H5 or HtmlTagId.H6
                or HtmlTagId.BlockQuote or HtmlTagId.Table or HtmlTagId.Pre:
                Break(2);
                break;
            case HtmlTagId.Div or HtmlTagId.TR or HtmlTagId.LI or HtmlTagId.Section or HtmlTagId.Article or HtmlTagId.Header
                or HtmlTagId.Footer or HtmlTagId.Center or HtmlTagId.DT or HtmlTagId.DD:
                Break(1);
                break;
        }
    }

    private void ReadList(HtmlTagToken tag)
    {
        Break(_numbers.Count == (tag.IsEndTag ? 1 : 0) ? 2 : 1);
        if (!tag.IsEndTag)
        {
            _numbers.Push(tag.Id == HtmlTagId.OL ? 1 : 0);
        }
        else
        {
            _numbers.TryPop(out _);
        }
    }

    private string Bullet()
    {
        var indent = new string(' ', 2 * Math.Max(0, Math.Min(_numbers.Count, 10) - 1));
        if (!_numbers.TryPop(out var number) || number == 0)
        {
            _numbers.Push(0);
            return $"{indent}- ";
        }

        _numbers.Push(number + 1);
        return $"{indent}{number}. ";
    }

    private void Leave(HtmlTagToken tag)
    {
        if (tag.Name.Equals(_left, StringComparison.OrdinalIgnoreCase))
        {
            _leftDepth += tag.IsEndTag ? -1 : 1;
            _left = _leftDepth == 0 ? null : _left;
        }
    }

    // A preheader, for example, is shown by the list of messages only.
    private static bool IsLeftOut(HtmlTagToken tag) =>
        tag.Id is HtmlTagId.Head or HtmlTagId.Style or HtmlTagId.Script or HtmlTagId.Title or HtmlTagId.Select or HtmlTagId.TextArea
        || tag.Name.Equals("template", StringComparison.OrdinalIgnoreCase)
        || tag.Attributes.Any(attribute => attribute.Name.Equals("hidden", StringComparison.OrdinalIgnoreCase))
        || tag.Attributes.FirstOrDefault(attribute => attribute.Id == HtmlAttributeId.Style)?.Value?.Replace(" ", "") is { } style
            && (style.Contains("display:none", StringComparison.OrdinalIgnoreCase) || style.Contains("visibility:hidden", StringComparison.OrdinalIgnoreCase));

    private void EndLink()
    {
        if (_link is { Length: > 0 } link)
        {
            var shown = _text.ToString(_linkStart, _text.Length - _linkStart).Trim();
            // An address as its own words is enough once.
            _text.Append(shown == link || $"mailto:{shown}" == link ? "" : shown.Length == 0 ? link : $" ({link})");
        }

        _link = null;
    }

    private void Break(int lines) => _breaks = Math.Max(_breaks, lines);

    private void Write(string words, bool asItIs = false)
    {
        if (asItIs)
        {
            BeginWord();
            _text.Append(words);
            _space = false;
            return;
        }

        foreach (var letter in words)
        {
            if (letter is ' ' or '\n' or '\r' or '\t')
            {
                _space = true;
                continue;
            }

            BeginWord();
            _text.Append(letter);
        }
    }

    private void BeginWord()
    {
        if (_breaks > 0 && _text.Length > 0)
        {
            _text.Append('\n', _breaks);
        }
        else if (_space && _text.Length > 0 && _text[^1] is not (' ' or '\n'))
        {
            _text.Append(' ');
        }

        (_breaks, _space) = (0, false);
    }

    private static string? ValueOf(HtmlTagToken tag, HtmlAttributeId id) =>
        tag.Attributes.FirstOrDefault(attribute => attribute.Id == id)?.Value;
}
