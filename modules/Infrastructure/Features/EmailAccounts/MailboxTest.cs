using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using PenguinMails.Infrastructure.Mail;
using PenguinMails.Shared.Http;

namespace PenguinMails.Infrastructure.Features.EmailAccounts;

/// <summary>What a test of a mailbox's servers found.</summary>
/// <param name="Smtp">Null where only imap was to be tried.</param>
/// <param name="Imap">Null: there is none, so replies are not read.</param>
internal sealed record TestResponse(bool Ok, Diagnosis? Smtp, Diagnosis? Imap);

/// <summary>Tries a mailbox's servers, both at once.</summary>
internal sealed class MailboxTest(MailOpener opener, IOptions<MailOptions> options)
{
    /// <summary>A server and what to log in with.</summary>
    internal sealed record Server<T>(T? Settings, string? Password) where T : ServerSettings;

    /// <param name="smtp">Without settings: the platform's default server. Null: not tried.</param>
    /// <param name="imap">Without settings: none.</param>
    public async Task<TestResponse> RunAsync(Server<SmtpSettings>? smtp, Server<ImapSettings> imap, CancellationToken ct)
    {
        var (sending, receiving) = await TryAsync(smtp, imap, ct);
        return new TestResponse(sending?.Fault is null && receiving?.Fault is null, sending?.Diagnosis, receiving?.Diagnosis);
    }

    /// <inheritdoc cref="RunAsync"/>
    /// <returns>Null when all that is named can be used; else a 422 with the fields to blame.</returns>
    public async Task<ProblemHttpResult?> RefuseAsync(Server<SmtpSettings>? smtp, Server<ImapSettings> imap, CancellationToken ct)
    {
        var (sending, receiving) = await TryAsync(smtp, imap, ct);
        var errors = new Dictionary<string, string[]>();
        foreach (var (name, fault) in new[] { ("smtp", sending?.Fault), ("imap", receiving?.Fault) })
        {
            if (fault is not null)
            {
                errors[$"{name}.{fault.Part}"] = [$"{fault.Message} {fault.Advice}"];
            }
        }

        return errors.Count == 0 ? null : Problems.Unprocessable(errors);
    }

    private async Task<(Finding? Sending, Finding? Receiving)> TryAsync(Server<SmtpSettings>? smtp, Server<ImapSettings> imap, CancellationToken ct)
    {
        var sending = smtp is null ? NotTried : TryAsync(smtp.Settings ?? options.Value.DefaultServer, smtp.Password, ct);
        var receiving = imap.Settings is null ? NotTried : TryAsync(imap.Settings, imap.Password, ct);
        return (await sending, await receiving);
    }

    private static Task<Finding?> NotTried => Task.FromResult<Finding?>(null);

    private async Task<Finding?> TryAsync(ServerSettings? server, string? password, CancellationToken ct) =>
        server is null ? Finding.NoServer() : await opener.TestAsync(server, password, ct);
}
