using System.Text;

namespace PenguinMails.Host.Embedded.Mail;

/// <summary>AUTH PLAIN and AUTH LOGIN (RFC 4954), with or without an initial response.</summary>
internal sealed class SmtpAuth(SmtpWire wire, SmtpLogin? required)
{
    private static readonly SmtpReply Malformed = new(501, "5.5.2 Cancelled, or not base64");

    public async ValueTask<(SmtpReply Reply, string? User)> RunAsync(string argument, CancellationToken ct)
    {
        var parts = argument.Split(' ', 2);
        var initial = parts.Length > 1 ? parts[1].Trim() : null;
        return parts[0].ToUpperInvariant() switch
        {
            "PLAIN" => await PlainAsync(initial, ct),
            "LOGIN" => await LoginAsync(initial, ct),
            "" => (SmtpReply.Syntax("AUTH mechanism [initial-response]"), null),
            _ => (new SmtpReply(504, "5.5.4 Mechanism not offered"), null),
        };
    }

    private async ValueTask<(SmtpReply, string?)> PlainAsync(string? initial, CancellationToken ct)
    {
        // authorization identity NUL user NUL password (RFC 4616)
        var parts = Decode(initial ?? await AskAsync("", ct))?.Split('\0');
        return parts is [_, var user, var password] ? Check(user, password) : (Malformed, null);
    }

    private async ValueTask<(SmtpReply, string?)> LoginAsync(string? initial, CancellationToken ct)
    {
        if (Decode(initial ?? await AskAsync("Username:", ct)) is not { } user)
        {
            return (Malformed, null);
        }

        return Decode(await AskAsync("Password:", ct)) is { } password ? Check(user, password) : (Malformed, null);
    }

    private (SmtpReply, string?) Check(string user, string password) =>
        required is null || required == new SmtpLogin(user, password)
            ? (new SmtpReply(235, "2.7.0 Authentication successful"), user)
            : (new SmtpReply(535, "5.7.8 Authentication credentials invalid"), null);

    private async ValueTask<string?> AskAsync(string prompt, CancellationToken ct)
    {
        wire.Write(new SmtpReply(334, Convert.ToBase64String(Encoding.ASCII.GetBytes(prompt))));
        return await wire.ReadLineAsync(ct);
    }

    /// <summary>Null for what is not base64: "*", by which a client cancels, is one of those. "=" is the empty response.</summary>
    private static string? Decode(string? response)
    {
        var bytes = new byte[response?.Length ?? 0];
        return response switch
        {
            null => null,
            "=" => "",
            _ => Convert.TryFromBase64String(response, bytes, out var count) ? Encoding.UTF8.GetString(bytes, 0, count) : null,
        };
    }
}
