using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Fluid;
using Fluid.Values;
using Microsoft.Extensions.Caching.Memory;

namespace PenguinMails.Campaigns.Templates;

/// <summary>Liquid as PenguinMails allows it: a known set of variables, tags and filters, spintax, a missing value is empty.</summary>
internal static class LiquidTemplates
{
    /// <summary>What a template may name, beside <c>custom.*</c>. Each also has a camelCase alias.</summary>
    public static readonly IReadOnlyList<string> Variables =
        ["first_name", "last_name", "name", "email", "company", "sender_name", "sender_email", "unsubscribe_url"];

    // Characters of all texts that are kept parsed, and what each costs besides.
    private const int MostParsed = 10_000_000;
    private const int CostOfOne = 1000;

    private static readonly FluidParser Parser = NewParser();
    private static readonly TemplateOptions Options = NewOptions();
    private static readonly IReadOnlyList<(string Name, string Alias)> Aliases = [.. Variables.Select(name => (name, Camel(name)))];
    private static readonly Dictionary<string, string> ByAlias = Aliases.Concat(Aliases.Select(pair => (pair.Name, pair.Name)))
        .Append(("custom", "custom")).DistinctBy(pair => pair.Item2).ToDictionary(pair => pair.Item2, pair => pair.Item1);
    // Only what HTML needs escaped: names stay readable in whatever script.
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);
    private static readonly MemoryCache Parsed = new(new MemoryCacheOptions { SizeLimit = MostParsed });

    /// <summary>What is wrong with the text; null when it can be sent.</summary>
    public static string? Check(string text) => TemplateCheck.Of(text);

    /// <summary>The text, parsed; null with what is wrong with it.</summary>
    public static ParsedTemplate? TryParse(string text, out string? error)
    {
        if (Parsed.TryGetValue(text, out ParsedTemplate? known))
        {
            error = null;
            return known;
        }

        error = LiquidTags.Refuse(text);
        return error is null ? Parse(text, out error) : null;
    }

    /// <summary>The variable that a name or its alias stands for; null for none.</summary>
    public static string? Known(string alias) => ByAlias.GetValueOrDefault(alias);

    /// <summary>Renders HTML: the values are escaped.</summary>
    /// <exception cref="TemplateFaultException">The text is not valid, or asks for too much.</exception>
    public static string RenderHtml(string text, MergeFields fields, SpinChoice choice) => Render(text, fields, choice, Html);

    /// <summary>Renders plain text, a subject for example.</summary>
    /// <exception cref="TemplateFaultException">The text is not valid, or asks for too much.</exception>
    public static string RenderText(string text, MergeFields fields, SpinChoice choice) =>
        Render(text, fields, choice, NullEncoder.Default);

    /// <summary>Renders all alternatives of a text, one after the other.</summary>
    /// <exception cref="TemplateFaultException">They ask for too much.</exception>
    public static void TryEverything(Spintax spintax, MergeFields fields)
    {
        // One after the other they may be no template, though each of them is.
        var liquid = Parser.TryParse(spintax.ToLiquid(everything: true), out var parsed, out var error) ? parsed : throw new TemplateFaultException(error);
        Render(liquid, ContextOf(fields), Html);
    }

    private static string Render(string text, MergeFields fields, SpinChoice choice, TextEncoder encoder)
    {
        var parsed = TryParse(text, out var error) ?? throw new TemplateFaultException(error!) { IsOfTemplate = true };
        // What is rendered has passed its check, and is rendered many times; what was refused is not kept.
        Parsed.Set(text, parsed, new MemoryCacheEntryOptions { Size = CostOfOne + text.Length });
        var context = ContextOf(fields);
        for (var group = 0; group < parsed.Groups.Count; group++)
        {
            context.SetValue(parsed.GroupNames[group], choice.Of(group, parsed.Groups[group]));
        }

        return Render(parsed.Liquid, context, encoder);
    }

    private static LimitedContext ContextOf(MergeFields fields)
    {
        var context = new LimitedContext(Options);
        foreach (var (name, alias) in Aliases)
        {
            // An empty value is none: it takes the default, and is false in a condition.
            FluidValue value = fields.Values.GetValueOrDefault(name) is { Length: > 0 } text ? new StringValue(text) : NilValue.Instance;
            context.SetValue(name, value);
            context.SetValue(alias, value);
        }

        context.SetValue("custom", fields.Custom);
        return context;
    }

    private static string Render(IFluidTemplate liquid, LimitedContext context, TextEncoder encoder)
    {
        using var writer = new LimitedWriter(context);
        try
        {
            // Values are in memory and no filter waits for anything: it is done when it returns.
            liquid.RenderAsync(writer, context, encoder).AsTask().GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not TemplateFaultException)
        {
            // Only this message's trouble, whatever it was.
            throw new TemplateFaultException($"The template could not be filled: {exception.Message}", exception);
        }

        return WellFormed(writer.ToString());
    }

    /// <summary>Without halves of characters, which a filter may cut off and nothing can store.</summary>
    public static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static ParsedTemplate? Parse(string text, out string? error)
    {
        if (Spintax.Parse(text, out var refusedAt) is not { } spintax)
        {
            error = $"Alternatives are nested too deep in {LiquidScanner.PlaceOf(text, refusedAt)}.";
            return null;
        }

        if (!spintax.IsWhole)
        {
            error = "Not valid Liquid: a tag begins inside an alternative and ends outside of it.";
            return null;
        }

        // Lines are the author's, columns are not where there are alternatives.
        var liquid = spintax.ToLiquid();
        if (LiquidScanner.OpenTag(liquid) is { } open)
        {
            error = $"Not valid Liquid: a tag is not closed or too long in line {liquid.AsSpan(0, open).Count('\n') + 1}.";
            return null;
        }

        if (Parser.TryParse(liquid, out var template, out error))
        {
            return new ParsedTemplate(template, spintax);
        }

        // Positions are those of the author's text, where that can be parsed at all and fails too.
        var own = LiquidScanner.OpenTag(text) is null && !Parser.TryParse(text, out _, out var found) ? found : error;
        error = $"Not valid Liquid: {own.Split('\n')[0].Trim()}";
        return null;
    }

    private static FluidParser NewParser()
    {
        var parser = new FluidParser();
        parser.RegisteredOperators["contains"] = (left, right) => new CountedContains(left, right);
        return parser;
    }

    private static TemplateOptions NewOptions()
    {
        var options = new TemplateOptions { MaxSteps = 10 * TemplateCheck.MostSteps, MaxRecursion = 100 };
        LiquidFilters.ReplaceIn(options.Filters);
        return options;
    }

    private static string Camel(string name) => string.Concat(name.Split('_').Select((part, index) =>
        index == 0 ? part : char.ToUpperInvariant(part[0]) + part[1..]));
}
