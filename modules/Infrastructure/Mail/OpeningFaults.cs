using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>What went wrong while a connection was opened, in words that say what to do.</summary>
internal static class OpeningFaults
{
    private const int LongestQuote = 200;
    private const string CheckPort = "Check the host, the port (SMTP: 587 or 465; IMAP: 993) and that the server's firewall lets us in.";
    private const string CheckSecurity = "Check port and security: tls belongs to 465 and 993, starttls to 587 and 143.";

    public static OpeningFault NotDialled(ServerSettings server, string problem, bool isKnown) => isKnown
        ? new OpeningFault(OpeningStep.Tcp, "host", problem, CheckPort)
        : new OpeningFault(OpeningStep.Dns, "host", problem, $"Check how {server.Host} is spelt; a new name takes a while to be known everywhere.");

    /// <param name="seconds">How long was waited.</param>
    /// <returns>Null for what is no fault of the server or its settings.</returns>
    public static OpeningFault? Explain(Opening opening, Exception exception, string? password, int seconds)
    {
        var place = $"{opening.Server.Host}:{opening.Server.Port}";
        var pending = opening.Pending;
        return exception switch
        {
            AuthenticationException => new OpeningFault(
                OpeningStep.Auth, "password", $"{place} refused the user name or the password ({Quote(exception, password)}).",
                LogInAdvice(opening.Server, exception)),
            NotSupportedException when opening.LogsIn => new OpeningFault(
                OpeningStep.Auth, "security", $"{place}: {Quote(exception, password)}", "Many servers let nobody log in before TLS: choose starttls or tls."),
            NotSupportedException => new OpeningFault(OpeningStep.Tls, "security", $"{place}: {Quote(exception, password)}", CheckSecurity),
            SslHandshakeException when opening.Certificate is { IsTrusted: false } finding => new OpeningFault(
                OpeningStep.Tls, "host", $"TLS with {place} failed: {finding.Words}", finding.Advice!),
            SslHandshakeException tls => new OpeningFault(
                OpeningStep.Tls, "host", $"TLS with {place} failed: {Quote(tls.InnerException ?? tls, password)}", CheckSecurity),
            SmtpCommandException reply => new OpeningFault(pending, "host", $"{place} answered {(int)reply.StatusCode} {Quote(reply, password)}", CheckPort),
            CommandException => new OpeningFault(pending, "host", $"{place} refused: {Quote(exception, password)}", CheckPort),
            ProtocolException => new OpeningFault(
                pending, "host", $"{place} does not speak {Protocol(opening.Server)}, or not with this security: {Quote(exception, password)}", CheckSecurity),
            OperationCanceledException or TimeoutException => new OpeningFault(pending, "host", $"{place} did not answer within {seconds} seconds.", CheckPort),
            IOException or SocketException => new OpeningFault(pending, "host", $"The connection to {place} was lost: {Quote(exception, password)}", CheckSecurity),
            _ => null,
        };
    }

    private static string Protocol(ServerSettings server) => server is ImapSettings ? "IMAP" : "SMTP";

    // What the large ones answer to a person's own password.
    private static string LogInAdvice(ServerSettings server, Exception refused) => $"{server.Host} {refused.Message}".ToLowerInvariant() switch
    {
        var text when text.Contains("gmail") || text.Contains("gsmtp") || text.Contains("google") =>
            "Gmail wants an app password: turn on 2-Step Verification, then make one at myaccount.google.com/apppasswords.",
        var text when text.Contains("5.7.139") || text.Contains("outlook") || text.Contains("office365") =>
            "Microsoft 365 must allow authenticated SMTP for this mailbox, and with two factors wants an app password.",
        _ => "Check both; with two factors many providers want a password made for this program.",
    };

    // Of what a server says nothing is taken on trust: one line, not long, and never the password back.
    private static string Quote(Exception exception, string? password)
    {
        var text = exception.Message.Split('\n')[0].Trim();
        text = string.IsNullOrEmpty(password) ? text : text.Replace(password, "...", StringComparison.Ordinal);
        return text.Length > LongestQuote ? $"{text[..LongestQuote]}..." : text;
    }
}
