using FluentValidation;
using Microsoft.AspNetCore.Http.HttpResults;
using PenguinMails.Campaigns.Templates;
using PenguinMails.Shared.Http;

namespace PenguinMails.Campaigns.Features.Templates;

/// <summary>Rules for the parts of a template.</summary>
internal static class TemplateRules
{
    private const int MostContent = 256 * 1024;

    public static void AsSubject<T>(this IRuleBuilder<T, string?> rule) => rule.NotEmpty().MaximumLength(255).OneLine();

    public static void AsContent<T>(this IRuleBuilder<T, string?> rule) => rule.NotEmpty().MaximumLength(MostContent);

    public static void AsTextContent<T>(this IRuleBuilder<T, string?> rule) => rule.MaximumLength(MostContent);

    /// <summary>What is wrong with the values for a preview; null for nothing.</summary>
    public static string? RefuseSample(Dictionary<string, string>? sample) =>
        sample is null || (sample.Count <= 100 && sample.All(value => IsVariable(value.Key) && value.Value?.Length <= 1000))
            ? null
            : "'sample' has at most 100 values of at most 1000 characters, by variable: 'first_name', 'custom.city'.";

    /// <summary>What cannot be sent, by field; null for none.</summary>
    public static Dictionary<string, string[]>? Refuse(string subject, string content, string? textContent)
    {
        var errors = new[]
            {
                ("subject", LiquidTemplates.Check(subject)),
                ("content", LiquidTemplates.Check(content) ?? HtmlDepth.Refuse(content) ?? MessageText.Refuse(content)),
                ("textContent", textContent is null ? null : LiquidTemplates.Check(textContent)),
            }
            .Where(check => check.Item2 is not null).ToDictionary(check => check.Item1, check => new[] { check.Item2! });
        return errors.Count > 0 ? errors : null;
    }

    /// <summary>Of two who change a template at once, one is too late: its former version is kept already.</summary>
    public static ProblemHttpResult ChangedMeanwhile() => Problems.Conflict("The template has been changed meanwhile.");

    private static bool IsVariable(string name) => name.StartsWith("custom.", StringComparison.Ordinal) || LiquidTemplates.Variables.Contains(name);
}
