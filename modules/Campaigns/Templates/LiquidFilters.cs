using System.Text.RegularExpressions;
using Fluid;
using Fluid.Values;

namespace PenguinMails.Campaigns.Templates;

/// <summary>
/// The filters that a template may use: none that makes lists (which are written unescaped) or leaves a value unescaped. What a
/// filter cannot do (divide by zero) is a missing value.
/// </summary>
internal static partial class LiquidFilters
{
    private const int LongestFormat = 100;

    public static readonly IReadOnlyList<string> Names =
    [
        "abs", "append", "at_least", "at_most", "capitalize", "ceil", "date", "default", "divided_by", "downcase", "escape", "floor",
        "lstrip", "minus", "modulo", "plus", "prepend", "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last",
        "round", "rstrip", "size", "slice", "strip", "strip_html", "strip_newlines", "times", "truncate", "truncatewords", "upcase",
        "url_decode", "url_encode",
    ];

    public static void ReplaceIn(FilterCollection filters)
    {
        var kept = Names.Where(name => name != "escape")
            .Select(name => (Name: name, Filter: filters.TryGetValue(name, out var filter) ? filter : throw new InvalidOperationException($"Fluid has no {name}.")))
            .ToList();
        filters.Clear();
        // Values are escaped as they are written, and need it once only.
        filters.AddFilter("escape", (input, _, _) => input);
        foreach (var (name, filter) in kept)
        {
            filters.AddFilter(name, (input, arguments, context) => RunAsync(name, filter, input, arguments, context));
        }
    }

    private static async ValueTask<FluidValue> RunAsync(
        string name, FilterDelegate filter, FluidValue input, FilterArguments arguments, TemplateContext context)
    {
        var work = (LimitedContext)context;
        CountBefore(work, name, input, arguments);
        if (name == "date" && arguments.At(0).ToStringValue() is var format && (format.Length > LongestFormat || Padded().IsMatch(format)))
        {
            return NilValue.Instance;
        }

        try
        {
            var result = await filter(input, arguments, context);
            work.CountValue(LengthOf(result));
            return result is StringValue ? new StringValue(result.ToStringValue(), encode: true) : result;
        }
        catch (Exception exception) when (exception is not TemplateFaultException)
        {
            return NilValue.Instance;
        }
    }

    private static void CountBefore(LimitedContext work, string name, FluidValue input, FilterArguments arguments)
    {
        work.CountValue(LengthOf(input));
        for (var place = 0; place < arguments.Count; place++)
        {
            work.CountValue(LengthOf(arguments.At(place)));
        }

        if (name.StartsWith("re", StringComparison.Ordinal))
        {
            // Each place may be read as often as what is looked for is long, and each may become a long text.
            work.Count((long)LengthOf(input) * Math.Max(LengthOf(arguments.At(0)), LengthOf(arguments.At(1))));
        }
    }

    public static int LengthOf(FluidValue value) => value is StringValue ? value.ToStringValue().Length : 1;

    // %999999999d is a number of so many digits.
    [GeneratedRegex(@"%[^a-zA-Z]*\d{3}")]
    private static partial Regex Padded();
}
