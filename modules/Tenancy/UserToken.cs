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
    public required byte[] TokenHash { get; init; }
    public byte[]? CodeHash { get; init; }

    /// <summary>Wrong codes so far.</summary>
    public int Attempts { get; private set; }
    public required DateTimeOffset Created { get; init; }
    public required DateTimeOffset Expires { get; init; }
    public DateTimeOffset? Used { get; private set; }
}
