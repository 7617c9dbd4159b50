using FluentValidation;

namespace PenguinMails.Infrastructure.Features.Domains;

internal static class TrackingHostRule
{
    /// <summary>One label of a host name, or empty.</summary>
    public static IRuleBuilderOptions<T, string?> AsTrackingHost<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Matches("^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)?\\z").WithMessage("'trackingHost' must be one label of a name, such as track.");
}
