namespace PenguinMails.Tenancy;

/// <summary>What a tenant asks of its people. A person of several tenants meets the strictest of each rule.</summary>
internal sealed class TenantPolicies
{
    public required Guid TenantId { get; init; }
    public int PasswordMinLength { get; set; } = 8;
    public bool PasswordRequireUppercase { get; set; }
    public bool PasswordRequireNumbers { get; set; }
    public bool PasswordRequireSymbols { get; set; }

    /// <summary>How long a session lasts from its log-in, in hours.</summary>
    public int SessionTimeoutHours { get; set; } = 8;

    /// <summary>Wrong passwords in a row until the account is locked for a while.</summary>
    public int MaxLoginAttempts { get; set; } = 5;
    public bool TwoFactorRequired { get; set; }

    /// <summary>The status of a new company.</summary>
    public string CompanyDefaultStatus { get; set; } = Company.Active;

    /// <summary>Whether members may invite, or administrators only.</summary>
    public bool CompanyAllowMemberInvites { get; set; } = true;

    /// <summary>Whether those whom members invite get in without an administrator's approval.</summary>
    public bool CompanyAutoApproveMembers { get; set; }

    /// <summary>Whether people whose address is not verified are kept out.</summary>
    public bool CompanyRequireEmailVerification { get; set; } = true;
}
