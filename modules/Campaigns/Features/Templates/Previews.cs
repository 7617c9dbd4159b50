using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PenguinMails.Campaigns.Data;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Templates;

internal sealed record TemplateTexts(string Subject, string Content, string? TextContent);

/// <summary>Whom a template is shown for.</summary>
internal sealed record PreviewOf(Guid? LeadId, Guid? StepId, Dictionary<string, string>? Sample);

/// <summary>What a lead would get.</summary>
/// <param name="Html">Without what could do harm in a browser.</param>
/// <param name="Expansions">How many different texts of each part the alternatives make, in digits: there may be very many.</param>
/// <param name="Chosen">Of each part, which alternative of each group was chosen; 0 is the first.</param>
/// <param name="Missing">Variables of the template that have no value.</param>
/// <param name="SizeBytes">Of the HTML as it would be sent.</param>
internal sealed record Preview(
    string Subject, string Html, string Text, IReadOnlyDictionary<string, string> Expansions,
    IReadOnlyDictionary<string, IReadOnlyList<int>> Chosen, IReadOnlyList<string> Missing, int SizeBytes, IReadOnlyList<Hint> Hints);

/// <summary>Shows templates as they would be sent.</summary>
internal sealed class Previews(CampaignsDb db)
{
    public async Task<Results<Ok<Preview>, ProblemHttpResult>> MakeAsync(TemplateTexts template, PreviewOf of, CancellationToken ct)
    {
        if (TemplateRules.RefuseSample(of.Sample) is { } wrong)
        {
            return Problems.Malformed("sample", wrong);
        }

        var (leadId, stepId) = (of.LeadId ?? Guid.Empty, of.StepId ?? Guid.Empty);
        try
        {
            if (await FieldsAsync(template, of, ct) is not { } fields)
            {
                return Problems.NotFound("Lead");
            }

            if (HtmlDepth.Refuse(template.Content) is { } refusal)
            {
                return Problems.Unprocessable("content", refusal);
            }

            var message = MessageText.Render(template.Subject, template.Content, template.TextContent, fields, MessageText.SampleCompany, leadId, stepId);
            return TypedResults.Ok(Show(template, message, fields, leadId, stepId));
        }
        catch (TemplateFaultException fault)
        {
            return Problems.Unprocessable("content", fault.Message);
        }
    }

    private static Preview Show(TemplateTexts template, MessageText message, MergeFields fields, Guid leadId, Guid stepId)
    {
        var parts = Parts(template).ToDictionary(part => part.Part, part => part.Parsed);
        return new Preview(
            message.Subject,
            PreviewHtml.Sanitise(message.Html),
            message.Text,
            parts.ToDictionary(part => NameOf(part.Key), part => part.Value.Spintax.Count.ToString()),
            parts.ToDictionary(part => NameOf(part.Key), part => (IReadOnlyList<int>)
                [.. part.Value.Groups.Select((alternatives, group) => new SpinChoice(leadId, stepId, part.Key).Of(group, alternatives))]),
            [.. parts.Values.SelectMany(part => VariableUse.Of(part).Values.Keys).Distinct().Where(name => !fields.Has(name)).Order(StringComparer.Ordinal)],
            Encoding.UTF8.GetByteCount(message.Html),
            TemplateHints.Of(template.Subject, template.Content, template.TextContent));
    }

    /// <summary>The custom fields that a template names, such as <c>custom.city</c>.</summary>
    public static IEnumerable<string> CustomOf(Template template) => CustomOf(new TemplateTexts(template.Subject, template.Content, template.TextContent));

    private static IEnumerable<string> CustomOf(TemplateTexts template) => Parts(template)
        .SelectMany(part => VariableUse.Of(part.Parsed).Values.Keys).Where(name => name.StartsWith("custom.", StringComparison.Ordinal));

    private static string NameOf(MessagePart part) => part.ToString().ToLowerInvariant();

    private static IEnumerable<(MessagePart Part, ParsedTemplate Parsed)> Parts(TemplateTexts template) =>
        new[] { (MessagePart.Subject, template.Subject), (MessagePart.Html, template.Content), (MessagePart.Text, template.TextContent) }
            .Where(part => !string.IsNullOrEmpty(part.Item2))
            .Select(part => (part.Item1, LiquidTemplates.TryParse(part.Item2!, out var error) ?? throw new TemplateFaultException(error!)));

    private async Task<MergeFields?> FieldsAsync(TemplateTexts template, PreviewOf of, CancellationToken ct)
    {
        if (of.LeadId is not { } id)
        {
            return MergeFields.Sample(CustomOf(template)).With(of.Sample);
        }

        return await db.Leads.AsNoTracking().SingleOrDefaultAsync(lead => lead.Id == id, ct) is { } found
            ? MergeFields.Of(found, "[sender_name]", "sender@example.com", MergeFields.SampleLink).With(of.Sample)
            : null;
    }
}
