using System.Text.Json;
using FastEndpoints;
using FluentValidation;
using PenguinMails.Shared.Database;

namespace PenguinMails.Campaigns.Leads;

/// <summary>Which leads are meant. Names are compared without regard to case, from their beginning.</summary>
internal record LeadFilter
{
    /// <summary>How the e-mail address begins.</summary>
    [QueryParam]
    public string? Email { get; init; }

    /// <summary>How the name begins.</summary>
    [QueryParam]
    public string? Name { get; init; }

    /// <summary>How the company begins.</summary>
    [QueryParam]
    public string? Company { get; init; }

    [QueryParam]
    public string? Status { get; init; }

    /// <summary>The value of a tag.</summary>
    [QueryParam]
    public string? Tag { get; init; }

    /// <summary>Only those of this list.</summary>
    [QueryParam]
    public Guid? ListId { get; init; }

    /// <summary>A custom field and its exact value: <c>city:Bern</c>.</summary>
    [QueryParam]
    public string? Attribute { get; init; }

    /// <summary>The JSON object that a lead's custom fields must hold.</summary>
    public static string JsonOf(string attribute)
    {
        var colon = attribute.IndexOf(':');
        return JsonSerializer.Serialize(new Dictionary<string, string> { [attribute[..colon]] = attribute[(colon + 1)..] });
    }
}

/// <summary>The bounds of a filter.</summary>
internal static class LeadFilterRules
{
    public static void AddFilterRules<T>(this AbstractValidator<T> rules) where T : LeadFilter
    {
        rules.RuleFor(filter => filter.Email).MaximumLength(254);
        rules.RuleFor(filter => filter.Name).MaximumLength(200);
        rules.RuleFor(filter => filter.Company).MaximumLength(200);
        rules.RuleFor(filter => filter.Tag).MaximumLength(200);
        rules.RuleFor(filter => filter.Status).Must(status => status is null || SnakeCase.Knows<LeadStatus>(status))
            .WithMessage("'status' is active, unsubscribed, bounced, complained or archived.");
        rules.RuleFor(filter => filter.Attribute).MaximumLength(500).Must(attribute => attribute is null || attribute.IndexOf(':') > 0)
            .WithMessage("'attribute' is a custom field and its value, such as city:Bern.");
    }
}
