using System.ComponentModel.DataAnnotations;
using System.Net;
using PenguinMails.Infrastructure.Domains;

namespace PenguinMails.Infrastructure.Blocklists;

/// <summary>Section <c>Blocklists</c>.</summary>
internal sealed record BlocklistOptions : IValidatableObject
{
    /// <summary>Address and port of a resolver of one's own: most lists refuse public ones. Absent: <c>Dns:Resolver</c>'s.</summary>
    public string? Resolver { get; init; }

    /// <summary>Questions at once.</summary>
    [Range(1, 64)]
    public int Parallelism { get; init; } = 4;

    /// <summary>Instead of the usual ones.</summary>
    public Blocklist[] Lists { get; init; } = [];

    public IReadOnlyList<Blocklist> InUse => Lists.Length > 0 ? Lists : Blocklist.Usual;

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (Resolver is not null && !IPEndPoint.TryParse(Resolver, out _))
        {
            yield return new ValidationResult("Blocklists:Resolver must be an address and a port, such as 127.0.0.1:53.", [nameof(Resolver)]);
        }

        if (Lists.Any(list => list.Name.Length is 0 or > 100 || DomainName.Normalise(list.Zone) is null)
            || Lists.DistinctBy(list => list.Name).Count() < Lists.Length)
        {
            yield return new ValidationResult("Each of Blocklists:Lists needs a Name of its own and a Zone.", [nameof(Lists)]);
        }
    }
}
