namespace PenguinMails.Infrastructure;

internal enum EmailAccountStatus
{
    Active,
    Paused,
    Suspended,
    Disabled,
}

/// <summary>A mailbox (table <c>email_accounts</c>). What it sent today is counted by <c>ReserveSend</c> alone.</summary>
internal sealed class EmailAccount
{
    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid DomainId { get; init; }
    public required string Email { get; init; }
    public string? DisplayName { get; init; }
    public string Provider { get; init; } = "smtp";

    /// <summary>Null: the platform's default outgoing server, wherever that is when it is needed.</summary>
    public SmtpSettings? SmtpSettings { get; init; }

    /// <summary>Where its password is kept; null where the server asks for none.</summary>
    public string? VaultKeyPath { get; private set; }
    public EmailAccountStatus Status { get; private set; } = EmailAccountStatus.Active;
    public required int DailyLimit { get; init; }
    public required int MinGapSeconds { get; init; }
    public DateTimeOffset Created { get; private set; }

    /// <summary>Names the place of the password.</summary>
    public string KeepPassword() => VaultKeyPath = $"smtp/{TenantId}/{Id}";

    /// <returns>False when it is not active.</returns>
    public bool Pause() => Change(EmailAccountStatus.Active, EmailAccountStatus.Paused);

    /// <returns>False when it is not paused: what was suspended is not the tenant's to resume.</returns>
    public bool Resume() => Change(EmailAccountStatus.Paused, EmailAccountStatus.Active);

    private bool Change(EmailAccountStatus from, EmailAccountStatus to)
    {
        var allowed = Status == from;
        Status = allowed ? to : Status;
        return allowed;
    }
}
