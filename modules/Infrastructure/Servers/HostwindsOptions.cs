using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Infrastructure.Servers;

/// <summary>Section <c>Hostwinds</c>. A class, not a record: a record's text would hold the key.</summary>
internal sealed class HostwindsOptions : IValidatableObject
{
    /// <summary>Absent or empty: no servers are rented. It works only from the addresses that the account allows it from.</summary>
    public string? ApiKey { get; init => field = string.IsNullOrEmpty(value) ? null : value; }

    [Required]
    public Uri Url { get; init; } = new("https://clients.hostwinds.com/cloud/api.php");

    /// <summary>Orders servers that are only made up; absent: in Development where there is no key.</summary>
    public bool? Simulate { get; init; }

    /// <summary>The image of new servers, of <c>get_templates</c>.</summary>
    public string? Template { get; init; }

    /// <summary>The size of new servers: the <c>rid</c> of <c>get_price_list</c>.</summary>
    [Range(1, int.MaxValue)]
    public int? ResourceId { get; init; }

    /// <summary>Our names of regions with Hostwinds' <c>location_id</c> of each, of <c>get_locations</c>.</summary>
    public Dictionary<string, int> Regions { get; init; } = [];

    /// <summary>Names of the account's SSH keys that new servers let in.</summary>
    public string[] SshKeys { get; init; } = [];

    /// <summary>Of a server, in dollars, where the order names none. 9.99: 1 CPU, 2 GB, 50 GB, unmanaged.</summary>
    [Range(0, 100_000)]
    public decimal MonthlyCost { get; init; } = 9.99m;

    /// <summary>For one request.</summary>
    [Range(1, 300)]
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>Before the first repetition of a reading; each further one waits twice as long.</summary>
    [Range(1, 60_000)]
    public int RetryMilliseconds { get; init; } = 1_000;

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (ApiKey is not null && (Template is null || ResourceId is null || Regions.Count == 0))
        {
            yield return new ValidationResult(
                "Hostwinds:ApiKey needs Hostwinds:Template, Hostwinds:ResourceId and at least one of Hostwinds:Regions.", [nameof(ApiKey)]);
        }
    }
}
