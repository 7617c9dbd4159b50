using FluentValidation;

namespace PenguinMails.Tenancy.Features;

/// <summary>What several validators ask.</summary>
internal static class Rules
{
    /// <summary>What people call somebody or something; it comes into the headers of mail.</summary>
    public static IRuleBuilderOptions<T, string?> AsName<T>(this IRuleBuilder<T, string?> rule, int longest) => rule
        .NotEmpty().MaximumLength(longest)
        .Must(text => text is null || !text.Any(char.IsControl)).WithMessage("'{PropertyName}' must be one line of text.");

    /// <summary>http or https, with a host; or nothing.</summary>
    public static IRuleBuilderOptions<T, string?> AsWebAddress<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(text => text is null || (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http"))
        .WithMessage("'{PropertyName}' must be an http or https address.");

    /// <summary>Of the IANA database; or nothing.</summary>
    public static IRuleBuilderOptions<T, string?> AsTimeZone<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(text => text is null || TimeZoneInfo.TryFindSystemTimeZoneById(text, out _))
        .WithMessage("'{PropertyName}' must be a time zone such as Europe/Berlin.");

    /// <summary>One of these words; or nothing.</summary>
    public static IRuleBuilderOptions<T, string?> OneOf<T>(this IRuleBuilder<T, string?> rule, IReadOnlyCollection<string> words) => rule
        .Must(text => text is null || words.Contains(text))
        .WithMessage($"'{{PropertyName}}' must be one of {string.Join(", ", words)}.");
}
