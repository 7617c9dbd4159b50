namespace PenguinMails.Tenancy;

/// <summary>A person; may belong to many tenants. The table keeps its Nile shape, credentials live beside it.</summary>
internal sealed class User
{
    public required Guid Id { get; init; }
    public required string? Name { get; set; }
    public string? GivenName { get; set; }
    public string? FamilyName { get; set; }
    public required string? Email { get; set; }
    public string? Picture { get; set; }
    public DateTimeOffset? EmailVerified { get; set; }
    public DateTimeOffset Created { get; private set; }
    public DateTimeOffset? Deleted { get; private set; }

    /// <summary>Leaves the row for what refers to it, and nothing of the person.</summary>
    public void Anonymise(DateTimeOffset now)
    {
        (Name, GivenName, FamilyName, Email, Picture, EmailVerified) = (null, null, null, null, null, null);
        Deleted = now;
    }
}

internal sealed class UserPreferences
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public string? Theme { get; set; } = "light";
    public string? Language { get; set; } = "en";
    public string? Timezone { get; set; } = "UTC";
    public bool? EmailNotifications { get; set; } = true;
    public bool? PushNotifications { get; set; } = true;
    public bool? WeeklyReports { get; set; } = false;
    public bool? MarketingEmails { get; set; } = false;
}
