namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>
/// Where the server keeps its files. That is the data root, except when the host runs as root and the server's account
/// cannot get there (a clone below /root): then a directory under /var/lib, to which a link in the data root points.
/// </summary>
internal sealed record ServerHome(string Directory, ServerAccount Account)
{
    private const string Elsewhere = "/var/lib/penguinmails";

    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    internal static async Task<ServerHome> OpenAsync(string dataRoot, ILogger log, CancellationToken ct)
    {
        var link = new DirectoryInfo(Path.Combine(dataRoot, "postgres"));
        if (link.LinkTarget is { } home)
        {
            return await MakeAsync(home, ct);
        }

        var account = await ServerAccount.ForAsync(dataRoot, ct);
        if (!ServerAccount.HostIsRoot || await account.CanServeFromAsync(dataRoot, ct))
        {
            return new ServerHome(dataRoot, account);
        }

        // Not named after the data root: a clone that moves takes its link along, and the next one there starts empty.
        home = Path.Combine(Elsewhere, Guid.CreateVersion7().ToString("N"));
        var elsewhere = await MakeAsync(home, ct);
        link.CreateAsSymbolicLink(home);
        log.LogWarning(
            "PostgreSQL does not run as root, and the user it runs as cannot get into {DataRoot}: its data is in {Home}, linked from {Link}",
            dataRoot, home, link.FullName);
        return elsewhere;
    }

    private static async Task<ServerHome> MakeAsync(string home, CancellationToken ct)
    {
        System.IO.Directory.CreateDirectory(home);
        if (ServerAccount.HostIsRoot)
        {
            File.SetUnixFileMode(Elsewhere, PassThrough);
            File.SetUnixFileMode(home, PassThrough);
        }

        return new ServerHome(home, await ServerAccount.ForAsync(home, ct));
    }
}
