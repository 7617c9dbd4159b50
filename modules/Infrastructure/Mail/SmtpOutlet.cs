using MimeKit;
using PenguinMails.Infrastructure.Contracts;
using PenguinMails.Infrastructure.Secrets;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>A place at a server, by one of the mailbox's few connections.</summary>
internal sealed class SmtpOutlet(OutletSetting setting, SmtpConnections.Slot slot, SmtpConnector connector, SecretStore secrets) : MailOutlet
{
    private SmtpConnection? _connection;

    public override async Task<string?> ReadyAsync(CancellationToken ct)
    {
        if (_connection is { IsReusable: false } used)
        {
            _connection = null;
            await slot.GiveBackAsync(used);
        }

        return _connection is not null || (_connection = await slot.TakeIdleAsync(ct)) is not null ? null : await ConnectAsync(ct);
    }

    public override void Sign(MimeMessage message) => setting.Signer?.Sign(message);

    public override async Task<SendOutcome> SendAsync(MimeMessage message, CancellationToken ct)
    {
        var connection = _connection ?? throw new InvalidOperationException("Not before it is ready.");
        var outcome = await connection.SendAsync(message, ct);
        // A connection that has served may end at any time, which says nothing about the server: a fresh one will tell.
        return outcome.Result == SendResult.Unreachable && !connection.IsFresh
            ? await ReadyAsync(ct) is { } problem ? new SendOutcome(SendResult.Unreachable, problem) : await _connection!.SendAsync(message, ct)
            : outcome;
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            if (_connection is { } connection)
            {
                _connection = null;
                await slot.GiveBackAsync(connection);
            }
        }
        finally
        {
            slot.Dispose();
        }
    }

    // Connections are counted by what is dialled.
    private string ServerName => setting.At ?? setting.Server?.Host ?? "";

    private async Task<string?> ConnectAsync(CancellationToken ct)
    {
        try
        {
            var password = setting.PasswordPath is null ? null : await secrets.GetAsync(setting.PasswordPath, ct);
            (_connection, var failure) = await slot.OpenAsync(ServerName, () => connector.ConnectAsync(setting.Server, password, ct, setting.At), ct);
            return failure?.Message;
        }
        catch (SecretStoreException exception)
        {
            return exception.Title;
        }
    }
}

/// <summary>A place at no server.</summary>
internal sealed class NoOutlet(string problem) : MailOutlet
{
    public override Task<string?> ReadyAsync(CancellationToken ct) => Task.FromResult<string?>(problem);

    public override void Sign(MimeMessage message) => throw new InvalidOperationException(problem);

    public override Task<SendOutcome> SendAsync(MimeMessage message, CancellationToken ct) => throw new InvalidOperationException(problem);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
