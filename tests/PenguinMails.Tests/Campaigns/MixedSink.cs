using System.Buffers;
using System.Collections.Concurrent;
using PenguinMails.Host.Embedded.Mail;

namespace PenguinMails.Tests.Campaigns;

internal enum Fault
{
    None,
    Slow,
    DeferredAtRecipient,
    DeferredAtData,
    DeferredAfterDot,
    Closing,
    RefusedAtRecipient,
    RefusedAtData,
    RefusedAfterDot,
    DroppedAtRecipient,
    DroppedAtData,
    DroppedInText,
    DroppedAfterDot,
}

/// <summary>A server that deals each new recipient the next fault of a plan, once, and from then on is good to him.</summary>
internal sealed class MixedSink : IAsyncDisposable
{
    private readonly IReadOnlyList<Fault> _plan;
    private readonly ConcurrentDictionary<string, Fault> _pending = [];
    private readonly MailSink _sink;
    private int _next = -1;

    public MixedSink(IReadOnlyList<Fault> plan)
    {
        _plan = plan;
        _sink = MailSink.Start(new MailSinkOptions
        {
            Login = FaultySink.Login, OnRecipient = OnRecipient, OnData = envelope => OnData(envelope.To.Single()), OnMessage = OnMessageAsync,
        });
    }

    /// <summary>What each recipient was dealt.</summary>
    public ConcurrentDictionary<string, Fault> Dealt { get; } = [];

    /// <summary>Who has got a message: it was taken, whether or not that was said.</summary>
    public ConcurrentQueue<string> Delivered { get; } = [];

    /// <summary>How a mailbox names it.</summary>
    public object Settings => new { Host = "127.0.0.1", _sink.Port, Username = FaultySink.Login.User, FaultySink.Login.Password, Security = "none" };

    /// <summary>A plan of faults in random places.</summary>
    public static Fault[] Plan(int recipients, Random random)
    {
        var plan = new Fault[recipients];
        Fault[] refusals = [Fault.RefusedAtRecipient, Fault.RefusedAtData, Fault.RefusedAfterDot];
        // Late and far between: more than one in twenty would stop the mailbox.
        for (var place = 240; place < recipients; place += 40)
        {
            plan[place + random.Next(40)] = refusals[place / 40 % 3];
        }

        Fault[] others = [.. Enum.GetValues<Fault>().Except(refusals).Where(fault => fault != Fault.None)];
        foreach (var fault in others.SelectMany(fault => Enumerable.Repeat(fault, 8)))
        {
            int place;
            do
            {
                place = random.Next(recipients);
            }
            while (plan[place] != Fault.None);

            plan[place] = fault;
        }

        return plan;
    }

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    private SmtpReply? OnRecipient(string to)
    {
        if (Dealt.TryAdd(to, Fault.None))
        {
            Dealt[to] = _pending[to] = _plan[Interlocked.Increment(ref _next)];
        }

        return Take(to, Fault.DeferredAtRecipient) ? new SmtpReply(450, "4.2.0 Greylisted")
            : Take(to, Fault.Closing) ? new SmtpReply(421, "4.3.2 Closing down", Closes: true)
            : Take(to, Fault.RefusedAtRecipient) ? new SmtpReply(550, "5.1.1 No such user")
            : Take(to, Fault.DroppedAtRecipient) ? SmtpReply.Drop
            : null;
    }

    private SmtpReply? OnData(string to) =>
        Take(to, Fault.DeferredAtData) ? new SmtpReply(451, "4.3.0 Not now")
            : Take(to, Fault.RefusedAtData) ? new SmtpReply(554, "5.7.1 Not this")
            : Take(to, Fault.DroppedAtData) ? SmtpReply.Drop
            : Take(to, Fault.DroppedInText) ? SmtpReply.DropInBody
            : null;

    private async ValueTask<SmtpReply> OnMessageAsync(SmtpEnvelope envelope, ReadOnlySequence<byte> message, CancellationToken ct)
    {
        var to = envelope.To.Single();
        if (Take(to, Fault.DeferredAfterDot))
        {
            return new SmtpReply(451, "4.3.0 Not now");
        }

        if (Take(to, Fault.RefusedAfterDot))
        {
            return new SmtpReply(554, "5.7.1 Not this text");
        }

        if (Take(to, Fault.Slow))
        {
            await Task.Delay(300, ct);
        }

        Delivered.Enqueue(to);
        return Take(to, Fault.DroppedAfterDot) ? SmtpReply.Drop : SmtpReply.Ok;
    }

    private bool Take(string to, Fault fault) => _pending.TryUpdate(to, Fault.None, fault);
}
