namespace PenguinMails.Shared.Jobs;

/// <summary>Hangfire's dashboard, which staff open in a browser.</summary>
public static class JobDashboard
{
    public const string Path = "/jobs";

    /// <summary>
    /// The cookie with the access token of the session that opened the dashboard: a browser cannot send it as a header. What it
    /// opens ends with the token, the session or the permission.
    /// </summary>
    public const string Cookie = "penguinmails-jobs";
}
