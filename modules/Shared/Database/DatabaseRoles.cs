namespace PenguinMails.Shared.Database;

/// <summary>The three roles of the database. None is a superuser and none may bypass row level security.</summary>
public static class DatabaseRoles
{
    /// <summary>Owns every object and migrates; nobody logs in as it.</summary>
    public const string Owner = "penguinmails_owner";

    /// <summary>The host's: sees one tenant at a time, owns nothing.</summary>
    public const string App = "penguinmails_app";

    /// <summary>Cross-tenant sweeps and staff reads, through policies of its own.</summary>
    public const string Platform = "penguinmails_platform";
}
