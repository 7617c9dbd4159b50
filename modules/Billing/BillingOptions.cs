using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Billing;

internal sealed record BillingOptions
{
    public const string Section = "Billing";

    /// <summary>The slug of the plan that a new tenant starts on.</summary>
    [Required]
    public string DefaultPlan { get; init; } = "starter";
}
