using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PenguinMails.Tests.Infrastructure.Servers;

/// <summary>A real IMAP server over a directory of the test's own: STARTTLS on one port, TLS from the start on the other.</summary>
internal sealed class Dovecot : IAsyncDisposable
{
    public const string User = "someone@example.test";
    public const string Password = "imap-password-1";

    private static readonly string[] Places = ["/usr/sbin/dovecot", "/usr/local/sbin/dovecot", "/opt/homebrew/sbin/dovecot"];

    private readonly string _directory;
    private readonly Process _process;

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
        await WriteAsync(directory, certificate, port, tlsPort, ct);
        var start = new ProcessStartInfo(program!, ["-F", "-c", $"{directory}/dovecot.conf"]) { RedirectStandardError = true };
        var server = new Dovecot(directory, Process.Start(start)!) { Port = port, TlsPort = tlsPort };
        await server.AnswersAsync(ct);
        return server;
    }

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
            mail_location = maildir:{{directory}}/mail
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
