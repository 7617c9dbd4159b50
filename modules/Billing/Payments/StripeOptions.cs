using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Billing.Payments;

/// <summary>Section <c>Billing:Stripe</c>. A class, not a record: a record's text would hold the keys.</summary>
internal sealed class StripeOptions : IValidatableObject
{
    public const string Section = "Billing:Stripe";

    /// <summary>The secret key, or a restricted one for customers, checkout, portal, subscriptions, invoices and refunds; absent or empty: the local provider takes test cards.</summary>
    public string? ApiKey { get; init => field = string.IsNullOrEmpty(value) ? null : value; }

    /// <summary>Of the endpoint that Stripe has for <c>/webhooks/stripe</c>: what its events are signed with.</summary>
    public string? WebhookSecret { get; init; }

    /// <summary>Without a path.</summary>
    [Required]
    public Uri ApiBase { get; init; } = new("https://api.stripe.com");

    /// <summary>Whether Stripe reckons the tax of what is bought at the checkout (Stripe Tax has to be set up there).</summary>
    public bool AutomaticTax { get; init; }

    /// <summary>How old an event's signature may be, in seconds, so that none is played back later.</summary>
    [Range(1, 3600)]
    public int ToleranceSeconds { get; init; } = 300;

    /// <summary>For one request, in seconds.</summary>
    [Range(1, 300)]
    public int TimeoutSeconds { get; init; } = 20;

    /// <summary>How many days back invoices and refunds are compared with Stripe's.</summary>
    [Range(1, 365)]
    public int ReconcileDays { get; init; } = 40;

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (ApiKey is not null && string.IsNullOrEmpty(WebhookSecret))
        {
            yield return new ValidationResult("Billing:Stripe:ApiKey needs Billing:Stripe:WebhookSecret.", [nameof(WebhookSecret)]);
        }
    }
}
