namespace PenguinMails.Tenancy;

/// <summary>What was mailed to somebody to prove that the mailbox is theirs: a link's token and, for some, a short code.</summary>
internal sealed class UserToken
{
    public const string VerifyEmail = "verify_email";
    public const string ResetPassword = "reset_password";
    public const string ChangeEmail = "change_email";

    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public required string Purpose { get; init; }

    /// <summary>The address it went to.</summary>
    public required string Email { get; init; }

    /// <summary>Of no token at all until the mail goes out.</summary>
    public required byte[] TokenHash { get; set; }
    public byte[]? CodeHash { get; set; }

    /// <summary>What was chosen with the sign-up that it belongs to; null where the account has it already.</summary>
    public string? PasswordHash { get; init; }
    public string? Name { get; init; }

    /// <summary>Wrong codes so far.</summary>
    public int Attempts { get; private set; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Expires { get; init; }
    public DateTimeOffset? Used { get; private set; }
}
