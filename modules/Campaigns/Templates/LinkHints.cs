using AngleSharp.Dom;

namespace PenguinMails.Campaigns.Templates;

/// <summary>What is wrong with a message's links, as far as it shows without following them.</summary>
internal static class LinkHints
{
    private const int MostLinks = 5;

    private static readonly string[] Shorteners =
        ["bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "ow.ly", "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com"];

    private static readonly string[] Downloads =
        [".bat", ".cmd", ".docm", ".exe", ".iso", ".jar", ".js", ".msi", ".rar", ".scr", ".vbs", ".xlsm", ".zip", ".7z"];

    public static IEnumerable<Hint> Of(IDocument html)
    {
        var links = html.QuerySelectorAll("a[href]").Where(link => !IsLiquid(link.GetAttribute("href")!)).ToList();
        if (links.Select(link => link.GetAttribute("href")).Distinct().Count() > MostLinks)
        {
            yield return new("too_many_links", HintSeverity.Medium, $"There are more than {MostLinks} links.");
        }

        foreach (var hint in links.SelectMany(OfLink))
        {
            yield return hint;
        }
    }

    /// <summary>The line where an element begins.</summary>
    public static int? LineOf(IElement element) => element.SourceReference?.Position.Line;

    private static IEnumerable<Hint> OfLink(IElement link)
    {
        var (href, line) = (link.GetAttribute("href")!.Trim(), LineOf(link));
        if (href.StartsWith("mailto:", StringComparison.OrdinalIgnoreCase) || href.StartsWith("tel:", StringComparison.OrdinalIgnoreCase))
        {
            yield break;
        }

        if (Parse(href) is not { } target)
        {
            yield return new("broken_link", HintSeverity.High, href.Length == 0 ? "A link leads nowhere." : $"'{href}' is no web address.", line);
            yield break;
        }

        if (target.Scheme == Uri.UriSchemeHttp)
        {
            yield return new("insecure_link", HintSeverity.Low, $"{href} is not https.", line);
        }

        if (Shorteners.Any(shortener => IsOf(target.Host, shortener)))
        {
            yield return new("url_shortener", HintSeverity.High, $"{target.Host} hides where a link leads, which filters dislike.", line);
        }

        if (Downloads.Any(ending => target.AbsolutePath.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
        {
            yield return new("download_link", HintSeverity.Medium, $"{href} looks like something to run or unpack.", line);
        }

        if (ShownHost(link.TextContent.Trim()) is { } shown && !IsOf(target.Host, shown) && !IsOf(shown, target.Host))
        {
            yield return new("misleading_link", HintSeverity.High, $"A link shows {shown} and leads to {target.Host}.", line);
        }
    }

    // Liquid within a link has been checked as Liquid, and makes it whatever the lead's values say.
    private static bool IsLiquid(string href) => href.Contains("{{", StringComparison.Ordinal) || href.Contains("{%", StringComparison.Ordinal);

    private static Uri? Parse(string href) =>
        !href.Any(char.IsWhiteSpace) && Uri.TryCreate(href, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && (uri.HostNameType != UriHostNameType.Dns || uri.Host.Contains('.'))
            ? uri
            : null;

    private static string? ShownHost(string text) =>
        Parse(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}") is { HostNameType: UriHostNameType.Dns, Host: var host, UserInfo: "" }
            && char.IsAsciiLetter(host[^1])
            ? host.StartsWith("www.", StringComparison.Ordinal) ? host["www.".Length..] : host
            : null;

    private static bool IsOf(string host, string domain) => host == domain || host.EndsWith($".{domain}", StringComparison.Ordinal);
}
