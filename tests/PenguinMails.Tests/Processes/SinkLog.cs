using System.Buffers;
using System.Collections.Concurrent;
using MimeKit;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Processes;

/// <summary>A server outside of all hosts that writes down each message whose final dot came in: what recipients really got.</summary>
internal sealed class SinkLog : IAsyncDisposable
{
    private readonly ConcurrentQueue<(string To, string MessageId)> _delivered = [];
    private readonly ConcurrentDictionary<string, string> _codes = [];
    private readonly MailSink _sink;
    private int _count;
    private (int At, TaskCompletionSource Reached) _wanted = (0, new TaskCompletionSource());

    /// <summary>For hosts that are stopped: however slow the machine is, nothing is cut off.</summary>
    public static readonly string[] Patient = ["--Mail:LastReplyTimeoutSeconds=40", "--shutdownTimeoutSeconds=50"];

    public SinkLog() => _sink = MailSink.Start(new MailSinkOptions { OnMessage = TakeAsync, OnSender = _ => OnSender?.Invoke() });

    /// <summary>For each message of a campaign, before it is answered.</summary>
    public Func<Task>? OnMessage { get; set; }

    /// <summary>For each MAIL, of whichever message.</summary>
    public Func<SmtpReply?>? OnSender { get; set; }

    /// <summary>Whatever was answered, and whether or not anybody was there to hear it.</summary>
    public IReadOnlyCollection<(string To, string MessageId)> Delivered => _delivered;

    /// <summary>Of the messages of campaigns.</summary>
    public int Count => _count;

    /// <summary>How many are open now.</summary>
    public int Connections => _sink.Connections;

    /// <summary>The options of a host that sends here whatever has no other server.</summary>
    public string[] Options => ["--Mail:Host=127.0.0.1", $"--Mail:Port={_sink.Port}"];

    /// <summary>Ends when so many messages have come.</summary>
    public Task ReachesAsync(int count, CancellationToken ct)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _wanted = (count, reached);
        if (_count >= count)
        {
            reached.TrySetResult();
        }

        return reached.Task.WaitAsync(TimeSpan.FromSeconds(100), ct);
    }

    /// <summary>The code that a host has mailed to an address.</summary>
    public Task<string> CodeAsync(string address, CancellationToken ct) => Given.EventuallyAsync(
        () => Task.FromResult(_codes.GetValueOrDefault(address, "")), code => code != "", ct);

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    private async ValueTask<SmtpReply> TakeAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> bytes, CancellationToken ct)
    {
        using var stream = new MemoryStream(bytes.ToArray());
        // Only the head: thousands come in a second.
        var head = await new MimeParser(stream).ParseHeadersAsync(ct);
        if (head[HeaderId.Subject]!.StartsWith("Verify", StringComparison.Ordinal))
        {
            stream.Position = 0;
            _codes[envelope.To.Single()] = Given.CodeOf(await MimeMessage.LoadAsync(stream, ct));
            return SmtpReply.Ok;
        }

        _delivered.Enqueue((envelope.To.Single(), head[HeaderId.MessageId]!.Trim('<', '>')));
        if (Interlocked.Increment(ref _count) >= _wanted.At)
        {
            _wanted.Reached.TrySetResult();
        }

        await (OnMessage?.Invoke() ?? Task.CompletedTask);
        return SmtpReply.Ok;
    }
}
