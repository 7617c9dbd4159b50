using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace PenguinMails.Campaigns.Templates;

internal enum HintSeverity
{
    Low,
    Medium,
    High,
}

/// <summary>Something that keeps messages out of inboxes, or makes a bad impression there. It refuses nothing.</summary>
/// <param name="Line">Of the HTML; null where it is about all of it, or about the subject.</param>
internal sealed record Hint(string Code, HintSeverity Severity, string Message, int? Line = null);

/// <summary>What filters and readers take offence at.</summary>
internal static partial class TemplateHints
{
    private const int LongSubject = 70;

    // Gmail shows no more of a message.
    private const int ClippedBytes = 102 * 1024;

    private static readonly string[] SpamPhrases =
    [
        "100% free", "act now", "buy now", "cash bonus", "click here", "double your", "earn money", "extra income", "free money", "get paid",
        "guaranteed", "limited time", "lowest price", "make money", "no obligation", "once in a lifetime", "risk-free", "this is not spam",
        "urgent", "winner", "work from home", "you have been selected",
    ];

    private static readonly Regex Spam = new(
        $@"\b(?:{string.Join('|', SpamPhrases.Select(Regex.Escape))})\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Compiled);

    public static IReadOnlyList<Hint> Of(string subject, string content, string? textContent)
    {
        var html = new HtmlParser(new HtmlParserOptions { IsKeepingSourceReferences = true }).ParseDocument(content);
        foreach (var unread in html.QuerySelectorAll("style, script, head"))
        {
            unread.Remove();
        }

        var (title, words) = (WithoutLiquid(subject), WithoutLiquid(html.Body?.TextContent ?? ""));
        return
        [
            .. OfSubject(title), .. OfWords($"{title}\n{words}", words), .. OfImages(html, words), .. LinkHints.Of(html),
            .. OfHtml(content), .. WithoutDefault(subject, content, textContent),
        ];
    }

    private static IEnumerable<Hint> OfSubject(string subject)
    {
        if (subject.Length > LongSubject)
        {
            yield return new("long_subject", HintSeverity.Low, $"The subject has more than {LongSubject} characters: inboxes cut it off.");
        }

        if (IsShouted(subject, atLeast: 5))
        {
            yield return new("all_capitals", HintSeverity.Medium, "The subject is in capitals.");
        }
    }

    private static IEnumerable<Hint> OfWords(string all, string words)
    {
        if (IsShouted(words, atLeast: 30))
        {
            yield return new("all_capitals", HintSeverity.Medium, "Much of the text is in capitals.");
        }

        if (all.Count(letter => letter == '!') > 3 || all.Contains("!!", StringComparison.Ordinal))
        {
            yield return new("exclamation_marks", HintSeverity.Low, "There are many exclamation marks.");
        }

        var found = Spam.Matches(all).Select(match => match.Value.ToLowerInvariant()).Distinct().ToList();
        if (found.Count > 0)
        {
            yield return new("spam_phrases", HintSeverity.Medium, $"Filters know these words from spam: {string.Join(", ", found)}.");
        }
    }

    private static IEnumerable<Hint> OfImages(IDocument html, string words)
    {
        var images = html.QuerySelectorAll("img");
        if (images.Length > 0 && words.Count(char.IsLetterOrDigit) < 20)
        {
            yield return new("only_image", HintSeverity.High, "There is hardly anything but an image.");
        }

        foreach (var image in images.Where(image => string.IsNullOrWhiteSpace(image.GetAttribute("alt"))))
        {
            yield return new("missing_alt", HintSeverity.Low, "An image says nothing to who does not see it: give it an alt text.", LinkHints.LineOf(image));
        }
    }

    private static IEnumerable<Hint> OfHtml(string content)
    {
        if (Encoding.UTF8.GetByteCount(content) > ClippedBytes)
        {
            yield return new("large_html", HintSeverity.Medium, "Gmail cuts off messages of more than 102 KB.");
        }
    }

    private static IEnumerable<Hint> WithoutDefault(string subject, string content, string? textContent)
    {
        var parsed = new[] { subject, content, textContent ?? "" }.Select(text => LiquidTemplates.TryParse(text, out _)).OfType<ParsedTemplate>()
            .SelectMany(template => VariableUse.Of(template).Values).ToList();
        foreach (var name in parsed.Where(value => value.Value && MayBeMissing(value.Key)).Select(value => value.Key).Distinct())
        {
            yield return new("no_default", HintSeverity.Low, $"{name} has no default: {{{{ {name} | default: \"there\" }}}}, for example.");
        }

        if (parsed.All(value => value.Key != "unsubscribe_url"))
        {
            yield return new("no_unsubscribe_link", HintSeverity.Low, "Only the footer has a link to unsubscribe: {{ unsubscribe_url }}.");
        }
    }

    private static bool MayBeMissing(string name) =>
        name is "first_name" or "last_name" or "name" or "company" || name.StartsWith("custom.", StringComparison.Ordinal);

    // Over two thirds of what has a case at all.
    private static bool IsShouted(string text, int atLeast)
    {
        var letters = text.Where(letter => char.IsUpper(letter) || char.IsLower(letter)).ToList();
        return letters.Count >= atLeast && letters.Count(char.IsUpper) * 3 > letters.Count * 2;
    }

    private static string WithoutLiquid(string text) => Spaces().Replace(string.Concat(LiquidScanner.Scan(text)
        .Where(token => token.Kind == LiquidKind.Text).Select(token => text[token.Start..token.End])), " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
