using System.Buffers;

namespace PenguinMails.Campaigns.Templates;

internal enum LiquidKind
{
    Text,

    /// <summary><c>{{ ... }}</c></summary>
    Output,

    /// <summary><c>{% ... %}</c></summary>
    Tag,

    /// <summary>A whole raw or comment block with all that is in it.</summary>
    Verbatim,
}

/// <summary>A piece of a template's text, from <paramref name="Start"/> up to but without <paramref name="End"/>.</summary>
internal readonly record struct LiquidToken(LiquidKind Kind, int Start, int End);

/// <summary>Tells Liquid from text, so that braces and bars inside Liquid are nobody's spintax, and words in strings nobody's variables.</summary>
internal static class LiquidScanner
{
    // Longer ones are text, and no template is kept with such. Parsing goes deeper with length, and a stack has an end.
    private const int LongestTag = 1000;

    private static readonly SearchValues<string> Openings = SearchValues.Create(["{{", "{%"], StringComparison.Ordinal);

    /// <param name="escapes">Whether a brace after a backslash is text, as authors write it; what has been read has no such any more.</param>
    public static IEnumerable<LiquidToken> Scan(string text, bool escapes = true)
    {
        var (start, at) = (0, 0);
        var unclosed = new HashSet<string>();
        while ((at = text.IndexOf('{', at)) >= 0)
        {
            var (kind, end) = escapes && at > 0 && text[at - 1] == '\\' ? (LiquidKind.Text, at) : Read(text, at, unclosed);
            if (kind == LiquidKind.Text)
            {
                at++;
                continue;
            }

            if (at > start)
            {
                yield return new LiquidToken(LiquidKind.Text, start, at);
            }

            yield return new LiquidToken(kind, at, end);
            start = at = end;
        }

        if (start < text.Length)
        {
            yield return new LiquidToken(LiquidKind.Text, start, text.Length);
        }
    }

    /// <summary>Where something is text here that a parser may take for Liquid; null for nowhere.</summary>
    public static int? OpenTag(string text) => Scan(text, escapes: false).Where(token => token.Kind == LiquidKind.Text)
        .Select(token => text.AsSpan(token.Start, token.End - token.Start).IndexOfAny(Openings) is var at and >= 0 ? token.Start + at : (int?)null)
        .FirstOrDefault(at => at is not null);

    /// <summary>The first word of a tag, its name.</summary>
    public static string NameOf(string text, LiquidToken tag) => Word(text, tag.Start);

    /// <summary>Words of an output or tag outside of its strings, with where they begin.</summary>
    public static IEnumerable<(string Word, int Start)> WordsOf(string text, LiquidToken token)
    {
        for (var at = token.Start + 2; at < token.End - 2; at++)
        {
            if (text[at] is '"' or '\'')
            {
                at = AfterString(text, at) - 1;
            }
            else if (char.IsAsciiLetter(text[at]) || text[at] == '_')
            {
                var begin = at;
                while (at < token.End && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '-'))
                {
                    at++;
                }

                yield return (text[begin..at].TrimEnd('-'), begin);
                at--;
            }
        }
    }

    /// <summary>The last character before a position that is not white space; U+0000 where there is none.</summary>
    public static char Before(string text, int at)
    {
        var kept = text.AsSpan(0, at).TrimEnd();
        return kept.IsEmpty ? '\0' : kept[^1];
    }

    /// <summary>For people: where a position is.</summary>
    public static string PlaceOf(string text, int at)
    {
        var before = text.AsSpan(0, at);
        return $"line {before.Count('\n') + 1}, column {at - before.LastIndexOf('\n')}";
    }

    private static (LiquidKind Kind, int End) Read(string text, int at, HashSet<string> unclosed)
    {
        var next = at + 1 < text.Length ? text[at + 1] : '\0';
        if (next == '{' && OutputEnd(text, at + 2) is { } output)
        {
            return (LiquidKind.Output, output);
        }

        if (next != '%' || TagEnd(text, at + 2) is not { } tag)
        {
            return (LiquidKind.Text, at);
        }

        var name = Word(text, at);
        if (name is not ("raw" or "comment") || unclosed.Contains(name))
        {
            return (LiquidKind.Tag, tag);
        }

        // One that never ends is looked for once only.
        var block = VerbatimEnd(text, name, tag);
        return block is null && unclosed.Add(name) ? (LiquidKind.Tag, tag) : (LiquidKind.Verbatim, block!.Value);
    }

    // A brace on its own means that these two were no Liquid: {{a|b}|c} is one alternative within another.
    private static int? OutputEnd(string text, int at)
    {
        var last = Math.Min(text.Length, at + LongestTag);
        while (at < last)
        {
            switch (text[at])
            {
                case '"' or '\'':
                    at = AfterString(text, at);
                    break;
                case '}':
                    return at + 1 < text.Length && text[at + 1] == '}' ? at + 2 : null;
                case '{':
                case '\\' when at + 1 < text.Length && text[at + 1] is '{' or '|' or '}':
                    return null;
                default:
                    at++;
                    break;
            }
        }

        return null;
    }

    private static int? TagEnd(string text, int at)
    {
        var last = Math.Min(text.Length - 1, at + LongestTag);
        while (at < last)
        {
            if (text[at] is '"' or '\'')
            {
                at = AfterString(text, at);
            }
            else if (text[at] == '%' && text[at + 1] == '}')
            {
                return at + 2;
            }
            else
            {
                at++;
            }
        }

        return null;
    }

    private static int? VerbatimEnd(string text, string name, int at)
    {
        for (; (at = text.IndexOf("{%", at, StringComparison.Ordinal)) >= 0; at += 2)
        {
            if (Word(text, at) == $"end{name}" && TagEnd(text, at + 2) is { } end)
            {
                return end;
            }
        }

        return null;
    }

    private static int AfterString(string text, int quote) => text.IndexOf(text[quote], quote + 1) is var end and >= 0 ? end + 1 : text.Length;

    private static string Word(string text, int tag)
    {
        var inside = text.AsSpan(tag + 2).TrimStart("- \t\r\n");
        var length = 0;
        while (length < inside.Length && (char.IsAsciiLetterOrDigit(inside[length]) || inside[length] is '_' or '#'))
        {
            length++;
        }

        return inside[..length].ToString();
    }
}
