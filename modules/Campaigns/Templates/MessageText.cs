using System.Net;
using PenguinMails.Tenancy.Contracts;

namespace PenguinMails.Campaigns.Templates;

/// <summary>What a template makes of a lead: subject, HTML and text, with the footer that each message has.</summary>
internal sealed record MessageText(string Subject, string Html, string Text)
{
    /// <param name="company">Whose name and address the footer shows.</param>
    /// <exception cref="TemplateFaultException">The template asks for too much.</exception>
    public static MessageText Render(
        string subject, string content, string? textContent, MergeFields fields, CompanyDetails company, Guid leadId, Guid stepId)
    {
        var unsubscribe = fields.Values["unsubscribe_url"]!;
        var html = LiquidTemplates.RenderHtml(content, fields, new(leadId, stepId, MessagePart.Html)) + Footer(company, unsubscribe);
        var text = string.IsNullOrWhiteSpace(textContent)
            ? PlainText.Of(html)
            : LiquidTemplates.RenderText(textContent, fields, new(leadId, stepId, MessagePart.Text)) + TextFooter(company, unsubscribe);
        return new MessageText(SubjectOf(subject, fields, leadId, stepId), html, text);
    }

    // One line, whatever the values hold.
    private static string SubjectOf(string subject, MergeFields fields, Guid leadId, Guid stepId)
    {
        var rendered = LiquidTemplates.RenderText(subject, fields, new(leadId, stepId, MessagePart.Subject));
        return string.Join(' ', rendered.Split((char[])[.. rendered.Where(char.IsControl), ' '], StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Footer(CompanyDetails company, string unsubscribe) => $"""

        <p style="color:#777;font-size:12px">{WebUtility.HtmlEncode(company.Name)}, {WebUtility.HtmlEncode(company.PostalAddress)}<br>
        <a href="{WebUtility.HtmlEncode(unsubscribe)}">Unsubscribe</a></p>
        """;

    private static string TextFooter(CompanyDetails company, string unsubscribe) =>
        $"\n\n{company.Name}, {company.PostalAddress}\nUnsubscribe: {unsubscribe}\n";
}
