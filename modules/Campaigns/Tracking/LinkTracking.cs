using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;
using MimeKit.Text;
using PenguinMails.Campaigns.Sending;

namespace PenguinMails.Campaigns.Tracking;

/// <summary>
/// Leads the links of a message through the host and puts the gif at its end that tells that it was opened. All else of the HTML stays
/// letter for letter as it is.
/// </summary>
internal sealed partial class LinkTracking(TrackingTokens tokens, IOptions<SendingOptions> options)
{
    // Longer ones would be refused by many a server once they are signed.
    private const int LongestUrl = 2000;

    /// <param name="opens">Whether the gif is wanted.</param>
    /// <param name="clicks">Whether links are to be counted: all to http and https, but for the one to unsubscribe.</param>
    /// <param name="publicUrl">Where recipients reach the host: the domain's own tracking name, or the platform's.</param>
    public string Apply(string html, Guid tenantId, Guid messageId, bool opens, bool clicks, string publicUrl)
    {
        if (!opens && !clicks)
        {
            return html;
        }

        var (message, host) = (new TrackedMessage(tenantId, messageId), publicUrl.TrimEnd('/'));
        var gif = opens ? $"""<img src="{host}/t/o/{tokens.MakeOpen(message)}" width="1" height="1" alt="" style="border:0">""" : "";
        return Rewrite(html, gif, clicks ? url => $"{host}/t/c/{tokens.MakeClick(message, url)}" : null);
    }

    private string Rewrite(string html, string gif, Func<string, string>? lead)
    {
        var result = new StringWriter(new StringBuilder(html.Length + 1024));
        var reader = new CountedReader(html);
        var tokenizer = new HtmlTokenizer(reader) { IgnoreTruncatedTags = true };
        // How far the result has come, where the last tag ended, and where the gif belongs in the result.
        var (copied, ended, gifAt) = (0, 0, -1);
        while (tokenizer.ReadNextToken(out var token))
        {
            if (token is HtmlTagToken { Id: HtmlTagId.A, IsEndTag: false } anchor && lead is not null
                && TargetOf(anchor) is { } url && StartOf(html, ended, reader.Position) is { } start)
            {
                result.Write(html.AsSpan(copied, start - copied));
                Write(anchor, lead(url), result);
                copied = reader.Position;
            }
            else if (token is HtmlTagToken { Id: HtmlTagId.Body, IsEndTag: true })
            {
                var end = html.LastIndexOf('<', reader.Position - 1);
                result.Write(html.AsSpan(copied, end - copied));
                (copied, gifAt) = (end, result.GetStringBuilder().Length);
            }

            ended = token.Kind is HtmlTokenKind.Tag or HtmlTokenKind.Comment or HtmlTokenKind.DocType or HtmlTokenKind.CData ? reader.Position : ended;
        }

        result.Write(html.AsSpan(copied));
        var text = result.GetStringBuilder();
        return text.Insert(gifAt < 0 ? text.Length : gifAt, gif).ToString();
    }

    // Since the last tag there was only text, in which no anchor begins but this one.
    private static int? StartOf(string html, int from, int until) =>
        html[until - 1] == '>' && Anchor().Match(html, from, until - from) is { Success: true } match ? match.Index : null;

    private string? TargetOf(HtmlTagToken anchor)
    {
        var href = anchor.Attributes.FirstOrDefault(attribute => attribute.Id == HtmlAttributeId.Href)?.Value?.Trim();
        return href is { Length: <= LongestUrl } && !href.Any(char.IsControl) && WebUrl.IsOne(href)
            && !href.StartsWith($"{options.Value.PublicUrl.TrimEnd('/')}/u/", StringComparison.OrdinalIgnoreCase) ? href : null;
    }

    private static void Write(HtmlTagToken anchor, string href, TextWriter result)
    {
        result.Write("<a");
        // Of two of one name the first counts.
        foreach (var attribute in anchor.Attributes.DistinctBy(attribute => attribute.Name, StringComparer.OrdinalIgnoreCase))
        {
            result.Write($" {attribute.Name}");
            if (attribute.Id == HtmlAttributeId.Href)
            {
                result.Write($"=\"{href}\"");
            }
            else if (attribute.Value is { } value)
            {
                result.Write('=');
                HtmlUtils.HtmlAttributeEncode(result, value);
            }
        }

        result.Write('>');
    }

    [GeneratedRegex(@"<a[\s/]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Anchor();
}
