using System.Text.Json.Nodes;
using PenguinMails.Tests.Infrastructure.Servers;
using PenguinMails.Tests.Processes;
using PenguinMails.Tests.Schema;

namespace PenguinMails.Tests.Infrastructure.Inbound;

/// <summary>Hosts that read mailboxes, on a database of their own, and a real IMAP server.</summary>
internal sealed class ReaderScene : IAsyncDisposable
{
    public const string User = "reader@example.test";
    public const string Password = "reader-password-1";

    private readonly HostFixture _host;
    private readonly ScratchDatabase _database;
    private readonly TestAuthority _authority;
    private readonly List<HostProcess> _hosts = [];

    private ReaderScene(HostFixture host, TestAuthority authority, Dovecot dovecot) =>
        (_host, _authority, Dovecot, _database) = (host, authority, dovecot, new ScratchDatabase(host));

    public Dovecot Dovecot { get; }
    public TenantClient Tenant { get; private set; } = null!;
    public Guid MailboxId { get; private set; }

    /// <summary>A host with these settings, and a mailbox of a tenant there. Mail may be in its inbox already.</summary>
    public static async Task<ReaderScene> StartAsync(HostFixture host, CancellationToken ct, string[] before, params string[] options)
    {
        DataDirectory.NeedsUnix();
        var authority = new TestAuthority();
        var scene = new ReaderScene(host, authority, await Dovecot.StartAsync(authority.Issue(), ct));
        await scene.Dovecot.SetUserAsync(User, Password, ct);
        await scene.Dovecot.DeliverAsync(User, ct, before);
        await scene._database.CopyAsync(ct);
        var first = await scene.AHostAsync(ct, options);
        scene.Tenant = await first.ATenantAsync(ct, address => host.CodeAsync(address, ct));
        var domain = await scene.Tenant.ADomainAsync(ct);
        var mailbox = await scene.Tenant.PostAsync("email-accounts", new
        {
            DomainId = domain.Id(), Email = $"someone@{domain["domain"]}", Provider = "smtp", Imap = scene.ImapOf(User, Password),
        }, ct);
        scene.MailboxId = mailbox.Id();
        return scene;
    }

    public async Task<HostProcess> AHostAsync(CancellationToken ct, params string[] options)
    {
        var process = await HostProcess.BesideAsync(_host, ct,
        [
            .. _database.HostOptions, $"--Dns:Resolver={_host.Dns.EndPoint}", "--Dns:TimeoutSeconds=3",
            "--Inbound:Enabled=true", "--Inbound:ScanMilliseconds=50", "--Inbound:LeaseSeconds=3", .. options,
        ]);
        _hosts.Add(process);
        return process;
    }

    public object ImapOf(string user, string password) => new { Host = "localhost", Dovecot.Port, Username = user, Password = password, Security = "none" };

    public Task SetPasswordAsync(bool isRight, CancellationToken ct) => Dovecot.SetUserAsync(User, isRight ? Password : "another-password", ct);

    public Task<JsonNode> MailboxAsync(CancellationToken ct) => Tenant.GetAsync($"email-accounts/{MailboxId}", ct);

    /// <summary>Waits until the inbox has been looked at, so that what comes now is new.</summary>
    public Task<JsonNode> ReadAsync(CancellationToken ct) =>
        Given.EventuallyAsync(() => MailboxAsync(ct), mailbox => mailbox["lastRead"] is not null, ct);

    public async Task<IReadOnlyList<string>> RowsAsync(string sql, CancellationToken ct, params object[] values)
    {
        await using var connection = await _database.OpenAsync(ct);
        return await connection.RowsAsync(sql, ct, values);
    }

    /// <summary>The texts of what has come in, in the order of their coming, once there are so many.</summary>
    public Task<IReadOnlyList<string>> TakenAsync(int count, CancellationToken ct) => Given.EventuallyAsync(
        () => RowsAsync("SELECT text FROM content.inbox_messages ORDER BY created, id", ct), rows => rows.Count >= count, ct);

    public static string Message(string text) => $"From: x@elsewhere.example\nTo: y@example.test\nSubject: S\nMessage-ID: <{Guid.CreateVersion7():N}@elsewhere.example>\n\n{text}\n";

    public static string[] Messages(int from, int count) => [.. Enumerable.Range(from, count).Select(number => Message($"{number}"))];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _hosts)
        {
            await process.DisposeAsync();
        }

        await Dovecot.DisposeAsync();
        await _database.DisposeAsync();
        _authority.Dispose();
    }
}
