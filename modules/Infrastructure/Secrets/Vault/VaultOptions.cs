using System.ComponentModel.DataAnnotations;

namespace PenguinMails.Infrastructure.Secrets.Vault;

/// <summary>Section <c>Vault</c>; without an address secrets stay in the database. A class, as a record would print its token.</summary>
internal sealed class VaultOptions : IValidatableObject
{
    /// <summary>Such as <c>https://vault.example.com:8200</c>.</summary>
    public Uri? Address { get; init; }

    /// <summary>Where the KV engine (version 2) is mounted.</summary>
    [Required]
    public string Mount { get; init; } = "secret";

    /// <summary>What all paths begin with.</summary>
    public string Prefix { get; init; } = "penguinmails";

    /// <summary>Of Vault Enterprise and HCP; null for the root.</summary>
    public string? Namespace { get; init; }

    public string? Token { get; init; }

    /// <summary>Instead of a token: AppRole.</summary>
    public string? RoleId { get; init; }
    public string? SecretId { get; init; }

    /// <summary>Where AppRole is mounted.</summary>
    [Required]
    public string AuthMount { get; init; } = "approle";

    /// <summary>For each of four attempts.</summary>
    [Range(1, 60)]
    public int TimeoutSeconds { get; init; } = 5;

    public IEnumerable<ValidationResult> Validate(ValidationContext context)
    {
        if (Address is null)
        {
            yield break;
        }

        if (!Address.IsAbsoluteUri || Address.Scheme is not ("https" or "http") || Address.UserInfo != "" || Address.Query != "")
        {
            yield return new ValidationResult("Vault:Address must be an address such as https://vault.example.com:8200.", [nameof(Address)]);
        }

        if (Token is null == (RoleId is null || SecretId is null) || (Token is not null && (RoleId ?? SecretId) is not null))
        {
            yield return new ValidationResult("Vault needs either Vault:Token or both of Vault:RoleId and Vault:SecretId.", [nameof(Token)]);
        }

        if (Token?.Any(letter => letter is <= ' ' or > '~') == true)
        {
            yield return new ValidationResult("Vault:Token holds a blank or another character that no token has.", [nameof(Token)]);
        }
    }
}
