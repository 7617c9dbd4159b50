namespace PenguinMails.Campaigns.Templates;

/// <summary>Whether a text can be sent to anybody: what it names is known, what it does has an end.</summary>
internal static class TemplateCheck
{
    /// <summary>Statements that one rendering may run, whatever the values.</summary>
    public const int MostSteps = 10_000;

    // Each is looked for in all of the text.
    private const int MostNamed = 5;

    /// <summary>What is wrong with the text; null when it can be sent.</summary>
    public static string? Of(string text)
    {
        if (LiquidTemplates.TryParse(text, out var error) is not { } parsed)
        {
            return error;
        }

        var use = VariableUse.Of(parsed);
        if (use.Refusal is not null || use.Steps > MostSteps)
        {
            return use.Refusal ?? $"The template runs more than {MostSteps} steps: its loops are too long.";
        }

        var unknown = use.Names.Where(name => LiquidTemplates.Known(name) is null).Take(MostNamed).ToList();
        if (unknown.Count > 0)
        {
            return $"Unknown variable {string.Join(", ", unknown.Select(name => $"'{name}' in {PlaceOf(text, name)}"))}: "
                + $"known are {string.Join(", ", LiquidTemplates.Variables)} and custom.something.";
        }

        return Try(parsed.Spintax);
    }

    // With long values and with none: what fails for everybody is not kept.
    private static string? Try(Spintax spintax)
    {
        foreach (var fields in new[] { MergeFields.Longest, MergeFields.None })
        {
            try
            {
                LiquidTemplates.TryEverything(spintax, fields);
            }
            catch (TemplateFaultException fault)
            {
                return fault.Message;
            }
        }

        return null;
    }

    private static string PlaceOf(string text, string name)
    {
        var places = LiquidScanner.Scan(text).Where(token => token.Kind is LiquidKind.Output or LiquidKind.Tag)
            .SelectMany(token => LiquidScanner.WordsOf(text, token))
            .Where(word => word.Word == name && LiquidScanner.Before(text, word.Start) is not ('.' or '|'))
            .Select(word => word.Start);
        return LiquidScanner.PlaceOf(text, places.DefaultIfEmpty(0).First());
    }
}
