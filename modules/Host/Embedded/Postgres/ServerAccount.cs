using System.ComponentModel;
using System.Runtime.Versioning;

namespace PenguinMails.Host.Embedded.Postgres;

/// <summary>
/// Who the server runs as. PostgreSQL refuses root, so a host started as root hands it to an ordinary user: the owner
/// of the data already there, otherwise nobody.
/// </summary>
internal sealed class ServerAccount
{
    private readonly string? _user;
    private readonly string? _group;

    private ServerAccount(string? user, string? group) => (_user, _group) = (user, group);

    [UnsupportedOSPlatformGuard("windows")]
    internal static bool HostIsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    internal static async Task<ServerAccount> ForAsync(string home, CancellationToken ct)
    {
        if (!HostIsRoot)
        {
            return new ServerAccount(null, null);
        }

        foreach (var data in Directory.EnumerateDirectories(home, "postgres-*"))
        {
            var owner = (await Command.RunAsync("stat", ["-c", "%u:%g", data], ct)).Output.Split(':');
            if (owner is [not "0", _])
            {
                return new ServerAccount(owner[0], owner[1]);
            }
        }

        // By number: the group is nogroup on Debian, nobody elsewhere.
        var user = await Command.RunAsync("id", ["-u", "nobody"], ct);
        var group = await Command.RunAsync("id", ["-g", "nobody"], ct);
        return new ServerAccount(user.Output, group.Output);
    }

    internal async Task<CommandResult> RunAsync(string program, IEnumerable<string> arguments, CancellationToken ct, bool capture = true)
    {
        // PostgreSQL asks for its current directory, and this account may not be allowed into the host's.
        var directory = OperatingSystem.IsWindows() ? null : "/";
        if (_user is null)
        {
            return await Command.RunAsync(program, arguments, ct, directory, capture);
        }

        try
        {
            string[] asUser = [$"--reuid={_user}", $"--regid={_group}", "--clear-groups", program];
            return await Command.RunAsync("setpriv", asUser.Concat(arguments), ct, directory, capture);
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                "PostgreSQL does not run as root, and setpriv (util-linux), which would run it as another user, is not here. " +
                "Start the host as an ordinary user, or set ConnectionStrings__penguinmails.", e);
        }
    }

    /// <summary>Makes the account the owner of a file or directory that the host has made for it.</summary>
    internal async Task OwnAsync(string path, CancellationToken ct)
    {
        if (_user is not null)
        {
            await Command.RunAsync("chown", [$"{_user}:{_group}", path], ct);
        }
    }

    /// <summary>Whether the account can reach this directory and write to what it is given there.</summary>
    internal async Task<bool> CanServeFromAsync(string directory, CancellationToken ct)
    {
        var probe = Directory.CreateDirectory(Path.Combine(directory, "probe"));
        try
        {
            await OwnAsync(probe.FullName, ct);
            return (await RunAsync("test", ["-w", probe.FullName], ct)).ExitCode == 0;
        }
        finally
        {
            probe.Delete();
        }
    }
}
