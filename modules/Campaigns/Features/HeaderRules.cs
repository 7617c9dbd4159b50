using FluentValidation;

namespace PenguinMails.Campaigns.Features;

/// <summary>Rules for what goes into a header of a message.</summary>
internal static class HeaderRules
{
    /// <summary>No line breaks or other control characters.</summary>
    public static IRuleBuilderOptions<T, string?> OneLine<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(text => text is null || !text.Any(char.IsControl)).WithMessage("'{PropertyName}' is one line.");
}
