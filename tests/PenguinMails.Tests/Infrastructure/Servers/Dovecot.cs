using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;

namespace PenguinMails.Tests.Infrastructure.Servers;

/// <summary>A real IMAP server over a directory of the test's own: STARTTLS on one port, TLS from the start on the other.</summary>
internal sealed partial class Dovecot : IAsyncDisposable
{
    public const string User = "someone@example.test";
    public const string Password = "imap-password-1";

    private static readonly string[] Places = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot"];

    private readonly string _directory;
    private readonly Process _process;
    private readonly Dictionary<string, string> _users = new() { [User] = Password };

    private Dovecot(string directory, Process process) => (_directory, _process) = (directory, process);

    public int Port { get; private init; }
    public int TlsPort { get; private init; }

    /// <summary>Starts it, or skips the test with what is missing.</summary>
    public static async Task<Dovecot> StartAsync(X509Certificate2 certificate, CancellationToken ct)
    {
        var program = Places.FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "dovecot is not installed (Debian: dovecot-imapd).");
        var version = await SaidByAsync(program!, "--version", ct);
        Assert.SkipUnless(version.StartsWith("2.3.", StringComparison.Ordinal), $"dovecot {version} is installed; what it is told here is for dovecot 2.3.");

        // Short: sockets lie in it, and their paths may have 107 letters.
        var directory = Directory.CreateDirectory($"/tmp/pmdc-{RandomNumberGenerator.GetHexString(8)}").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        }

        var (port, tlsPort) = (Ports.Free(), Ports.Free());
        // Whoever the server becomes makes mailboxes in it.
        Directory.CreateDirectory($"{directory}/mail");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode($"{directory}/mail", (UnixFileMode)0b111_111_111);
        }

        await WriteAsync(directory, certificate, port, tlsPort, ct);
        var start = new ProcessStartInfo(program!, ["-F", "-c", $"{directory}/dovecot.conf"]) { RedirectStandardError = true };
        var server = new Dovecot(directory, Process.Start(start)!) { Port = port, TlsPort = tlsPort };
        await server.AnswersAsync(ct);
        return server;
    }

    /// <summary>A further user, or the same with another password.</summary>
    public Task SetUserAsync(string user, string password, CancellationToken ct)
    {
        _users[user] = password;
        return File.WriteAllLinesAsync($"{_directory}/users", _users.Select(pair => $"{pair.Key}:{{PLAIN}}{pair.Value}"), ct);
    }

    /// <summary>Puts messages into a user's inbox.</summary>
    public async Task DeliverAsync(string user, CancellationToken ct, params IEnumerable<string> messages)
    {
        using var client = await OpenAsync(user, ct);
        foreach (var message in messages)
        {
            using var mime = MimeMessage.Load(new MemoryStream(Encoding.UTF8.GetBytes(message)), ct);
            await client.Inbox.AppendAsync(mime, MessageFlags.None, ct);
        }

        await client.DisconnectAsync(true, ct);
    }

    /// <summary>How many messages of an inbox nobody has read.</summary>
    public async Task<int> UnseenAsync(string user, CancellationToken ct)
    {
        using var client = await OpenAsync(user, ct);
        await client.Inbox.OpenAsync(FolderAccess.ReadOnly, ct);
        return (await client.Inbox.SearchAsync(SearchQuery.NotSeen, ct)).Count;
    }

    /// <summary>An inbox's uids begin anew, as when it is restored from a backup.</summary>
    public void Renumber(string user)
    {
        foreach (var file in Directory.GetFiles($"{_directory}/mail/{user}", "dovecot*"))
        {
            File.Delete(file);
        }
    }

    /// <summary>How many messages were fetched with their text, by all connections that have ended.</summary>
    public async Task<int> FetchedAsync(CancellationToken ct) =>
        Fetched().Matches(await File.ReadAllTextAsync($"{_directory}/log", ct)).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    private async Task<ImapClient> OpenAsync(string user, CancellationToken ct)
    {
        var client = new ImapClient();
        await client.ConnectAsync("127.0.0.1", Port, SecureSocketOptions.None, ct);
        await client.AuthenticateAsync(user, _users[user], ct);
        return client;
    }

    [GeneratedRegex(@"fetched=(\d+)")]
    private static partial Regex Fetched();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("sh", ["-c", $"kill -TERM {_process.Id}"]))
            {
                await kill.WaitForExitAsync();
            }

            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private static async Task<string> SaidByAsync(string program, string argument, CancellationToken ct)
    {
        using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true })!;
        return (await process.StandardOutput.ReadToEndAsync(ct)).Trim();
    }

    private async Task AnswersAsync(CancellationToken ct)
    {
        await Given.EventuallyAsync(async () =>
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, TlsPort, ct);
                return "";
            }
            catch (SocketException)
            {
                return _process.HasExited ? await _process.StandardError.ReadToEndAsync(ct) : $"Nobody answers at {TlsPort}.";
            }
        }, problem => problem == "", ct);
    }

    private static async Task WriteAsync(string directory, X509Certificate2 certificate, int port, int tlsPort, CancellationToken ct)
    {
        await File.WriteAllTextAsync($"{directory}/server.pem", certificate.ExportCertificatePem(), ct);
        await File.WriteAllTextAsync($"{directory}/server.key", certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem(), ct);
        await File.WriteAllTextAsync($"{directory}/users", $"{User}:{{PLAIN}}{Password}\n", ct);
        // Root gives its helpers to the accounts that the package has made, and locks them in; anybody else can only be themselves.
        var isRoot = Environment.UserName == "root";
        var (user, group) = isRoot ? ("nobody", "nogroup") : (Environment.UserName, await SaidByAsync("id", "-gn", ct));
        var accounts = isRoot ? "" : $$"""
            default_internal_user = {{user}}
            default_internal_group = {{group}}
            default_login_user = {{user}}
            service anvil {
              chroot =
            }
            service imap-login {
              chroot =
            }
            """;
        await File.WriteAllTextAsync($"{directory}/dovecot.conf", $$"""
            base_dir = {{directory}}/run
            state_dir = {{directory}}/run
            log_path = {{directory}}/log
            protocols = imap
            listen = 127.0.0.1
            ssl = yes
            ssl_cert = <{{directory}}/server.pem
            ssl_key = <{{directory}}/server.key
            {{accounts}}
            mail_location = maildir:{{directory}}/mail/%u
            imap_logout_format = fetched=%{fetch_body_count}
            service imap-login {
              inet_listener imap {
                port = {{port}}
              }
              inet_listener imaps {
                port = {{tlsPort}}
                ssl = yes
              }
            }
            passdb {
              driver = passwd-file
              args = {{directory}}/users
            }
            userdb {
              driver = static
              args = uid={{user}} gid={{group}} home={{directory}}
            }
            """, ct);
    }
}
