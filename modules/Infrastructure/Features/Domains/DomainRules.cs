using FluentValidation;

namespace PenguinMails.Infrastructure.Features.Domains;

internal static class DomainRules
{
    /// <summary>One label of a host name, or empty.</summary>
    public static IRuleBuilderOptions<T, string?> AsLabel<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Matches("^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)?\\z").WithMessage("'{PropertyName}' must be a label such as track.");
}
