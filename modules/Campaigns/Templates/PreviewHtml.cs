using Ganss.Xss;

namespace PenguinMails.Campaigns.Templates;

/// <summary>HTML for the sender's own browser: nothing runs, nothing is sent, and no style comes from elsewhere. For previews only.</summary>
internal static class PreviewHtml
{
    private static readonly HtmlSanitizer Sanitizer = NewSanitizer();

    public static string Sanitise(string html) => Sanitizer.SanitizeDocument(html);

    private static HtmlSanitizer NewSanitizer()
    {
        var sanitizer = new HtmlSanitizer();
        foreach (var tag in new[] { "form", "input", "button", "select", "option", "optgroup", "textarea", "fieldset", "legend", "label", "datalist", "keygen" })
        {
            sanitizer.AllowedTags.Remove(tag);
        }

        sanitizer.AllowedTags.Add("style");
        sanitizer.AllowedSchemes.Clear();
        sanitizer.AllowedSchemes.UnionWith(["https", "http", "mailto", "tel", "cid"]);
        // Styles come from the message itself only.
        sanitizer.AllowedAtRules.Remove(AngleSharp.Css.Dom.CssRuleType.Import);
        sanitizer.AllowedAtRules.Add(AngleSharp.Css.Dom.CssRuleType.Media);
        return sanitizer;
    }
}
