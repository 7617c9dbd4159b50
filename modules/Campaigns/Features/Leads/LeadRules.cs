using FluentValidation;
using PenguinMails.Campaigns.Leads;

namespace PenguinMails.Campaigns.Features.Leads;

/// <summary>Rules for what a lead is made of.</summary>
internal static class LeadRules
{
    public static IRuleBuilderOptions<T, string?> AsAddress<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(email => email is not null && EmailAddress.Normalise(email) is not null).WithMessage("'{PropertyName}' is not an e-mail address.");

    public static IRuleBuilderOptions<T, string?> AsZone<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(zone => string.IsNullOrEmpty(zone) || TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            .WithMessage("'{PropertyName}' is an IANA name such as Europe/Zurich.");

    public static IRuleBuilderOptions<T, Dictionary<string, string>?> AsAttributes<T>(this IRuleBuilder<T, Dictionary<string, string>?> rule) =>
        rule.Must(fields => fields is null || (fields.Count <= 100 && fields.All(field =>
                field.Key.Length is > 0 and <= LeadColumns.LongestCustomName && field.Value is not null && field.Value.Length <= LeadRow.LongestAttribute)))
            .WithMessage($"At most 100 custom fields, named with up to {LeadColumns.LongestCustomName} characters.");
}
