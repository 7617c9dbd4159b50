using System.Net;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Templates;

/// <summary>What a template makes of a lead: subject, HTML and text, with the footer that each message has.</summary>
internal sealed record MessageText(string Subject, string Html, string Text)
{
    // A line of a message has 998 characters (RFC 5322); some are left for a "Re: ".
    private const int LongestSubject = 990;

    /// <summary>Where no campaign says whose message it is.</summary>
    public static readonly CompanyDetails SampleCompany = new(Guid.Empty, "[Company]", "[Postal address]");

    /// <summary>What is wrong with a content in a message that is whole; null for nothing.</summary>
    public static string? Refuse(string content)
    {
        try
        {
            Render("", content, null, MergeFields.Sample([]), SampleCompany, Guid.Empty, Guid.Empty);
            return null;
        }
        catch (TemplateFaultException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>The beginning of a text, of at most so many characters and no half one.</summary>
    public static string Cut(string text, int most) =>
        text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    /// <param name="company">Whose name and address the footer shows.</param>
    /// <exception cref="TemplateFaultException">The template asks for too much.</exception>
    public static MessageText Render(
        string subject, string content, string? textContent, MergeFields fields, CompanyDetails company, Guid leadId, Guid stepId)
    {
        var unsubscribe = fields.Values["unsubscribe_url"]!;
        var html = LiquidTemplates.RenderHtml(content, fields, new(leadId, stepId, MessagePart.Html)) + Footer(company, unsubscribe);
        var fromHtml = TextOf(html, unsubscribe);
        var text = string.IsNullOrWhiteSpace(textContent)
            ? fromHtml
            : LiquidTemplates.RenderText(textContent, fields, new(leadId, stepId, MessagePart.Text)) + TextFooter(company, unsubscribe);
        return new MessageText(SubjectOf(subject, fields, leadId, stepId), html, text);
    }

    // The footer is at the end, unless it is in something that the content began and did not end.
    private static string TextOf(string html, string unsubscribe)
    {
        var text = PlainText.OfChecked(html);
        return text.EndsWith($"Unsubscribe ({unsubscribe})\n", StringComparison.Ordinal)
            ? text
            : throw new TemplateFaultException(
                "The link to unsubscribe would not be seen: the content begins something that it does not end (a comment, a style, a hidden element).");
    }

    // One line, whatever the values hold.
    private static string SubjectOf(string subject, MergeFields fields, Guid leadId, Guid stepId)
    {
        var rendered = LiquidTemplates.RenderText(subject, fields, new(leadId, stepId, MessagePart.Subject));
        return Cut(string.Join(' ', rendered.Split((char[])[.. rendered.Where(char.IsControl), ' '], StringSplitOptions.RemoveEmptyEntries)), LongestSubject);
    }

    private static string Footer(CompanyDetails company, string unsubscribe) => $"""

        <p style="color:#777;font-size:12px">{WebUtility.HtmlEncode(company.Name)}, {WebUtility.HtmlEncode(company.PostalAddress)}<br>
        <a href="{WebUtility.HtmlEncode(unsubscribe)}">Unsubscribe</a></p>
        """;

    private static string TextFooter(CompanyDetails company, string unsubscribe) =>
        $"\n\n{company.Name}, {company.PostalAddress}\nUnsubscribe: {unsubscribe}\n";
}
