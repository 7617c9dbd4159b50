namespace PenguinMails.Infrastructure;

/// <summary><c>Disabled</c>: it is being deleted.</summary>
internal enum EmailAccountStatus
{
    Active,
    Paused,
    Suspended,
    Disabled,
}

/// <summary>A mailbox (table <c>email_accounts</c>). What it sent today is counted by <c>ReserveSend</c> alone.</summary>
internal sealed partial class EmailAccount
{
    /// <summary>Providers: any server, and the platform's own Mailu.</summary>
    public const string AnyServer = "smtp";
    public const string PlatformServer = "mailu";

    public required Guid Id { get; init; }
    public required Guid TenantId { get; init; }
    public required Guid DomainId { get; init; }
    public required string Email { get; init; }
    public string? DisplayName { get; set; }
    public string Provider { get; init; } = AnyServer;

    /// <summary>Null: the platform's default outgoing server, wherever that is when it is needed.</summary>
    public SmtpSettings? SmtpSettings { get; private set; }

    /// <summary>Where SMTP's password is kept; null where the server asks for none.</summary>
    public string? VaultKeyPath { get; private set; }

    /// <summary>Null: replies are not read.</summary>
    public ImapSettings? ImapSettings { get; private set; }

    /// <summary>Where IMAP's password is kept; null: it is SMTP's.</summary>
    public string? ImapKeyPath { get; private set; }

    public EmailAccountStatus Status { get; private set; } = EmailAccountStatus.Active;

    /// <summary>Why it is not active, for people.</summary>
    public string? PauseReason { get; private set; }
    public required int DailyLimit { get; set; }
    public required int MinGapSeconds { get; set; }
    public int DailyCount { get; private set; }
    public DateOnly? DailyCountDate { get; private set; }
    public DateTimeOffset Created { get; private set; }

    public int SentOn(DateOnly day) => DailyCountDate == day ? DailyCount : 0;

    /// <summary>Sends through this server from now on.</summary>
    /// <returns>Where its password belongs; null where there is none.</returns>
    public string? Use(SmtpSettings? server, bool hasPassword)
    {
        SmtpSettings = server;
        return VaultKeyPath = hasPassword ? $"smtp/{TenantId}/{Id}" : null;
    }

    /// <summary>Reads replies there from now on; null: nowhere.</summary>
    /// <returns>Where its own password belongs; null where it shares SMTP's or there is none.</returns>
    public string? Use(ImapSettings? server, bool hasOwnPassword)
    {
        ImapSettings = server;
        return ImapKeyPath = server is not null && hasOwnPassword ? $"imap/{TenantId}/{Id}" : null;
    }

    /// <returns>False when it is not active.</returns>
    public bool Pause(string? reason) => Change(EmailAccountStatus.Active, EmailAccountStatus.Paused, reason);

    /// <returns>False when it is not paused: what was suspended is not the tenant's to resume.</returns>
    public bool Resume() => Change(EmailAccountStatus.Paused, EmailAccountStatus.Active, null);

    /// <summary>Nothing is sent until staff have looked.</summary>
    /// <returns>False when it is so already, or is being deleted.</returns>
    public bool Suspend(string reason) =>
        Change(EmailAccountStatus.Active, EmailAccountStatus.Suspended, reason)
        || Change(EmailAccountStatus.Paused, EmailAccountStatus.Suspended, reason);

    /// <summary>Staff have looked: it sends again, and what it did until today no longer counts against it.</summary>
    /// <returns>False when it is not suspended.</returns>
    public bool Restore(DateOnly today)
    {
        var restored = Change(EmailAccountStatus.Suspended, EmailAccountStatus.Active, null);
        JudgedFrom = restored ? today.AddDays(1) : JudgedFrom;
        return restored;
    }

    /// <summary>Nothing is sent any more: it is being deleted.</summary>
    public void Disable() => (Status, PauseReason) = (EmailAccountStatus.Disabled, "It is being deleted.");

    private bool Change(EmailAccountStatus from, EmailAccountStatus to, string? reason)
    {
        var allowed = Status == from;
        (Status, PauseReason) = allowed ? (to, reason) : (Status, PauseReason);
        return allowed;
    }
}
