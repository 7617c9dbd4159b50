namespace PenguinMails.Campaigns.Templates;

/// <summary>The tags that a template may use, checked before anything is parsed: a parser goes as deep as its text.</summary>
internal static class LiquidTags
{
    private const int Deepest = 20;

    private static readonly string[] Blocks = ["if", "unless", "case", "for"];
    private static readonly string[] Others = ["elsif", "else", "when", "break", "continue", "assign", "raw", "comment", "#"];

    /// <summary>How much deeper a piece of Liquid leads: 1 begins a block, -1 ends one.</summary>
    public static int StepOf(string liquid) => NameOf(liquid) is not { } name ? 0
        : Blocks.Contains(name) ? 1
        : name.StartsWith("end", StringComparison.Ordinal) ? -1
        : 0;

    /// <summary>Whether a piece of Liquid is a branch of the block around it.</summary>
    public static bool IsBranch(string liquid) => NameOf(liquid) is "else" or "elsif" or "when";

    /// <summary>What is wrong with the text's tags and filters; null for nothing.</summary>
    public static string? Refuse(string text)
    {
        var depth = 0;
        foreach (var token in LiquidScanner.Scan(text).Where(token => token.Kind is LiquidKind.Tag or LiquidKind.Output))
        {
            if (token.Kind == LiquidKind.Tag)
            {
                var name = LiquidScanner.NameOf(text, token);
                depth += StepOf(text[token.Start..token.End]);
                if (!Others.Contains(name) && !Blocks.Contains(name) && !Blocks.Any(block => name == $"end{block}"))
                {
                    return $"Not valid Liquid: there is no tag '{name}' (in {LiquidScanner.PlaceOf(text, token.Start)}). "
                        + $"There are {string.Join(", ", Blocks.Concat(Others))}.";
                }
            }

            if (depth > Deepest || text.AsSpan(token.Start, token.End - token.Start).Count('[') > Deepest)
            {
                return $"Not valid Liquid: tags are nested deeper than {Deepest} in {LiquidScanner.PlaceOf(text, token.Start)}.";
            }

            if (UnknownFilter(text, token) is { } filter)
            {
                return $"Unknown filter '{filter.Word}' in {LiquidScanner.PlaceOf(text, filter.Start)}: "
                    + $"known are {string.Join(", ", LiquidFilters.Names)}.";
            }
        }

        return null;
    }

    // A verbatim block is whole in itself.
    private static string? NameOf(string liquid) => LiquidScanner.Scan(liquid).FirstOrDefault() is { Kind: LiquidKind.Tag } tag ? LiquidScanner.NameOf(liquid, tag) : null;

    private static (string Word, int Start)? UnknownFilter(string text, LiquidToken token) => LiquidScanner.WordsOf(text, token)
        .Where(word => LiquidScanner.Before(text, word.Start) == '|' && !LiquidFilters.Names.Contains(word.Word))
        .Select(word => ((string, int)?)word).FirstOrDefault();
}
