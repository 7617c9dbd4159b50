using System.ComponentModel.DataAnnotations;
using System.Net;

namespace PenguinMails.Infrastructure.Outbound;

/// <summary>Section <c>Outbound</c>.</summary>
internal sealed record OutboundOptions : IValidatableObject
{
    /// <summary>Networks that may be dialled although they are not public, as <c>127.0.0.0/8</c>.</summary>
    public string[] AllowedNetworks { get; init; } = [];

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        foreach (var network in AllowedNetworks.Where(network => !IPNetwork.TryParse(network, out _)))
        {
            yield return new ValidationResult($"Outbound:AllowedNetworks: '{network}' is no network such as 127.0.0.0/8.", [nameof(AllowedNetworks)]);
        }
    }
}
