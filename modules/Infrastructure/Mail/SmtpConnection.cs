using System.Diagnostics;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MimeKit;
using PenguinMails.Infrastructure.Contracts;
using Telemetry = PenguinMails.Shared.Telemetry;

namespace PenguinMails.Infrastructure.Mail;

/// <summary>One open, logged-in connection; it carries one message at a time.</summary>
internal sealed class SmtpConnection(SmtpClient client, MailOptions options)
{
    private int _messages;

    /// <summary>When the settings were read that it was opened with, by the clock of <c>ChangeFeed</c>.</summary>
    public long? ReadAt { get; set; }

    /// <summary>Since when it waits for its next message.</summary>
    public DateTimeOffset IdleSince { get; set; }

    /// <summary>What gives the server's count back when it is closed.</summary>
    public IDisposable? Place { get; set; }

    /// <summary>The server that it counts for.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>Whether it may carry another message.</summary>
    public bool IsReusable => client.IsConnected && _messages < options.MessagesPerConnection;

    /// <summary>Whether it has carried one message at most.</summary>
    public bool IsFresh => _messages <= 1;

    /// <summary>Whether the server still answers on it: one that has waited may be dead without a sign.</summary>
    public async Task<bool> IsAliveAsync(CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(options.CommandTimeoutSeconds));
        try
        {
            await client.NoOpAsync(patience.Token);
            return true;
        }
        catch (Exception exception) when ((exception is SmtpCommandException || IsConnectionTrouble(exception)) && !ct.IsCancellationRequested)
        {
            return false;
        }
    }

    public async Task<SendOutcome> SendAsync(MimeMessage message, CancellationToken ct)
    {
        using var span = Telemetry.Begin("SMTP send", kind: ActivityKind.Client)?.SetTag("server.address", ServerName);
        var outcome = await HandOverAsync(message, ct);
        // The server's words may name the recipient.
        span?.SetStatus(outcome.Result == SendResult.Accepted ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        return outcome;
    }

    /// <summary>Says QUIT where there is still somebody to say it to.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await client.LeaveAsync();
            client.Dispose();
        }
        finally
        {
            Place?.Dispose();
        }
    }

    private async Task<SendOutcome> HandOverAsync(MimeMessage message, CancellationToken ct)
    {
        _messages++;
        using var handover = new Handover(options, ct);
        try
        {
            var reply = await client.SendAsync(FormatOptions.Default, message, handover.Token, handover);
            return new SendOutcome(SendResult.Accepted, $"250 {OneLine(reply)}");
        }
        catch (SmtpCommandException refused)
        {
            return new SendOutcome(Classify(refused, handover.Begun), $"{(int)refused.StatusCode} {OneLine(refused.Message)}");
        }
        catch (Exception exception) when (!ct.IsCancellationRequested || handover.Begun)
        {
            // Whatever it is, the caller must know whether the text went out.
            return new SendOutcome(handover.Begun ? SendResult.InDoubt : SendResult.Unreachable, Words(exception));
        }
    }

    private static SendResult Classify(SmtpCommandException refused, bool begun) => ((int)refused.StatusCode / 100, refused.ErrorCode) switch
    {
        // The sender was refused or the server is leaving: that says nothing about the recipient.
        (5, SmtpErrorCode.SenderNotAccepted) => SendResult.Unreachable,
        (4, SmtpErrorCode.SenderNotAccepted) when refused.StatusCode == SmtpStatusCode.ServiceNotAvailable => SendResult.Unreachable,
        (4, _) => SendResult.Deferred,
        (5, _) => SendResult.Rejected,
        _ => begun ? SendResult.InDoubt : SendResult.Unreachable,
    };

    private static bool IsConnectionTrouble(Exception exception) => exception is IOException or SocketException or ProtocolException
        or OperationCanceledException or TimeoutException or ServiceNotConnectedException or ServiceNotAuthenticatedException;

    private static string Words(Exception exception) => exception switch
    {
        OperationCanceledException => "The server did not answer in time.",
        // After the colon follows what the server said last, when all was well.
        ProtocolException => $"{exception.Message.Split(':')[0]}.",
        _ => OneLine(exception.Message),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace("\0", "", StringComparison.Ordinal).Trim();

    /// <summary>
    /// Notices when the text begins to go out. Until then the caller may cancel; from then on only the server knows, and it is
    /// worth waiting for its answer: for long, or for moments where the caller has no more time.
    /// </summary>
    private sealed class Handover : ITransferProgress, IDisposable
    {
        private readonly CancellationTokenSource _patience = new();
        private readonly CancellationTokenRegistration _caller;
        private readonly MailOptions _options;

        public Handover(MailOptions options, CancellationToken ct)
        {
            _options = options;
            _patience.CancelAfter(TimeSpan.FromSeconds(options.CommandTimeoutSeconds));
            _caller = ct.Register(GiveUp);
        }

        public bool Begun { get; private set; }
        public CancellationToken Token => _patience.Token;

        public void Report(long bytesTransferred, long totalSize) => Report(bytesTransferred);

        public void Report(long bytesTransferred)
        {
            lock (_patience)
            {
                if (!Begun)
                {
                    // Given up before: without its end the server makes nothing of what it has of the text.
                    _patience.Token.ThrowIfCancellationRequested();
                    Begun = true;
                    _patience.CancelAfter(TimeSpan.FromSeconds(_options.FinalReplyTimeoutSeconds));
                }
            }
        }

        public void Dispose()
        {
            _caller.Dispose();
            _patience.Dispose();
        }

        private void GiveUp()
        {
            lock (_patience)
            {
                if (Begun)
                {
                    _patience.CancelAfter(TimeSpan.FromSeconds(_options.LastReplyTimeoutSeconds));
                }
                else
                {
                    _patience.Cancel();
                }
            }
        }
    }
}
