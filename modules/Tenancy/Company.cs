using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace PenguinMails.Tenancy;

/// <summary>A workspace of a tenant: an agency has one for each client.</summary>
internal sealed partial class Company
{
    public const string Active = "active";

    /// <summary>The seed's.</summary>
    public static readonly string[] Statuses = [Active, "inactive", "pending", "archived"];

    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required string Name { get; set; }

    /// <summary>Its slug, unique on the whole platform.</summary>
    public required string WorkspaceName { get; set; }
    public string? LogoUrl { get; set; }

    /// <summary>For the footer of its mail.</summary>
    public string? PostalAddress { get; set; }
    public required string Status { get; set; }
    public DateTimeOffset Created { get; private set; }

    public static Company Create(Guid tenantId, string name, string? postalAddress, string status)
    {
        var id = Guid.CreateVersion7();
        return new Company { Id = id, TenantId = tenantId, Name = name, WorkspaceName = SlugOf(name), PostalAddress = postalAddress, Status = status };
    }

    /// <summary>After somebody has taken the slug: the same with a tail of its own. Counting up would tell how many there are.</summary>
    public void TakeOtherSlug() => WorkspaceName = $"{SlugOf(Name)}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    /// <summary>"Café Müller &amp; Co." as "cafe-muller-co".</summary>
    public static string SlugOf(string name)
    {
        // Half a surrogate or a code point that stands for nothing cannot be normalised.
        var known = string.Concat(name.EnumerateRunes().Where(rune => Rune.GetUnicodeCategory(rune) != UnicodeCategory.OtherNotAssigned));
        var plain = string.Concat(known.Normalize(NormalizationForm.FormD)
            .Where(letter => CharUnicodeInfo.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark));
        var slug = NotSlug().Replace(plain.ToLowerInvariant(), "-").Trim('-');
        return slug.Length == 0 ? "company" : slug;
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotSlug();
}

/// <summary>Somebody of the tenant who works for one of its companies.</summary>
internal sealed class CompanyMember
{
    public required Guid TenantId { get; init; }
    public required Guid CompanyId { get; init; }
    public required Guid UserId { get; init; }
    public required string Role { get; set; }
    public DateTimeOffset Created { get; private set; }
}
